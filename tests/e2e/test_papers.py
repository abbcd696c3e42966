"""A paper is made, printed, verified on a phone and withdrawn: through what is visible on the pages."""

import pytest
from playwright.sync_api import Browser
from sqlmodel import col, select

from server.database import reading
from server.petitions.models import Petition
from server.petitions.words import Outcome
from server.reports.models import IssuedDocument
from tests.e2e.house import House
from tests.e2e.people import DESK, PHONE, Person, database, person, signed_in
from tests.e2e.test_accessibility import SIDEWAYS, no_violations

pytestmark = pytest.mark.browser


def accepted(house: House) -> int:
    """A registered matter that was accepted."""
    engine = database(house)
    with reading(engine) as db:
        wanted = select(Petition.id).where(col(Petition.number).is_not(None), Petition.outcome == Outcome.ACCEPTED)
        found = db.exec(wanted.limit(1)).one()
    engine.dispose()
    return found or 0


def code_on_it(house: House) -> str:
    """The code at the foot of the paper that was made last."""
    engine = database(house)
    with reading(engine) as db:
        found = db.exec(select(IssuedDocument.code).order_by(col(IssuedDocument.id).desc())).first()
    engine.dispose()
    return found or ""


def fits(one: Person) -> None:
    no_violations(one)
    for size in (PHONE, DESK):
        one.page.set_viewport_size({"width": size["width"], "height": size["height"]})
        assert one.page.evaluate(SIDEWAYS) is False


def test_a_paper_from_its_making_to_its_end(browser: Browser, house: House) -> None:
    clerk, holder = signed_in(browser, house, "clerk"), person(browser, house, PHONE)
    page = clerk.page
    clerk.go(f"/petitions/{accepted(house)}")
    page.get_by_role("link", name="这件事的文书").click()
    fits(clerk)
    page.get_by_role("link", name="交办函").click()
    page.get_by_label("主送单位").select_option(index=1)
    page.get_by_label("具体要求").fill("请入户查看,修好后报告。")
    page.get_by_label("要求单位报告的日期").fill("2030-01-15")
    fits(clerk)
    page.get_by_role("button", name="制作这份文书").click()
    row = page.locator("tr[data-kind='assignment']").first
    assert "有效" in row.inner_text()
    fits(clerk)
    address = row.get_by_role("link", name="打开打印").get_attribute("href") or ""
    printed = page.request.get(f"{house.address}{address}")
    assert printed.body().startswith(b"%PDF-")
    holder.go("/verify")
    holder.page.get_by_label("验证码").fill(code_on_it(house).lower())
    holder.page.get_by_role("button", name="查询").click()
    assert "这份文书是我们出的" in holder.page.inner_text("h1")
    fits(holder)
    row.get_by_role("link", name="作废").click()
    page.get_by_label("作废原因").fill("主送单位写错")
    fits(clerk)
    page.get_by_role("button", name="作废这份文书").click()
    assert "主送单位写错" in page.locator("tr[data-kind='assignment']").first.inner_text()
    holder.page.reload()
    assert "已经作废" in holder.page.inner_text("h1")
    assert clerk.problems == holder.problems == []
