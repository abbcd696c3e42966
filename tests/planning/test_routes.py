"""The planning aid through its pages: asked, refused, stopped, told, kept."""

import re
from datetime import timedelta
from typing import Any

import pytest
from fastapi.testclient import TestClient
from sqlmodel import select

from server.audit.models import AuditEntry
from server.database import reading, writing
from server.errors import Forbidden
from server.places.models import VillagePoint
from server.planning.models import PlanningTrial
from server.planning.service_facts import facts
from server.planning.service_trials import (
    MOST_TRIES,
    ask_trial,
    begin_trial,
    cancel_trial,
    end_trial,
    get_trial,
    ground,
    report_trial,
    trials,
)
from server.planning.summing import Result
from server.planning.trial import Trial, played
from server.planning.trial_form import checked_trial
from server.planning.words import TrialState
from server.scheduling.models import ReceptionDay
from tests.administrator import HTML, administrator
from tests.district import TODAY, District
from tests.planning.history import CHANGE, add_history, ask
from tests.signaling.talkers import cookie_of


@pytest.fixture
def pages(client: TestClient, district: District) -> TestClient:
    client.cookies.set("lianxin", cookie_of(district.engine, district.clock, administrator(district)))
    return client


@pytest.fixture
def known(district: District) -> District:
    add_history(district)
    return district


def row(district: District, trial_id: int = 1) -> PlanningTrial:
    with reading(district.engine) as db:
        return db.get_one(PlanningTrial, trial_id)


def begun(district: District, trial_id: int) -> Trial:
    with writing(district.engine) as db:
        found = begin_trial(db, trial_id=trial_id, now=district.clock.now())
    assert found is not None
    return found


def play_to_the_end(district: District, trial_id: int) -> Result:
    """What the program that plays does, here and now."""
    *_, result = played(begun(district, trial_id))
    assert isinstance(result, Result)
    with writing(district.engine) as db:
        end_trial(db, trial_id=trial_id, now=district.clock.now(), result=result)
    return result


def test_what_is_learned_is_what_was_and_what_stands(known: District) -> None:
    with writing(known.engine) as db:
        db.get_one(VillagePoint, 1).has_video = True
        own: dict[str, Any] = {"official_id": known.other_official.id, "opens_minute": 540, "closes_minute": 720}
        db.add(ReceptionDay(day=TODAY + timedelta(days=8), off_plan=True, **own))
        db.add(ReceptionDay(day=TODAY + timedelta(days=9), cancelled=True, **own))
        db.add(ReceptionDay(day=TODAY - timedelta(days=200), **own))
    with reading(known.engine) as db:
        found = facts(db, now=known.clock.now())
    assert (found.weeks, found.points, found.talks) == (6.0, 1, 42)
    assert [len(one.visits) for one in found.past] == [8] * 6
    assert [(one.official, one.at) for one in found.coming] == [(known.official.id, 1 + 7 * week) for week in range(4)]
    first = found.past[0].visits
    assert (first[0].slot, first[0].came, first[0].admitted) == (540, 532.0, 543.0)
    assert [one.slot is None for one in first] == [False] * 5 + [True] * 2 + [False]
    assert first[-1].came is None


def test_a_trial_is_asked_for_played_told_and_kept(pages: TestClient, known: District) -> None:
    asked = pages.post("/admin/planning", data=CHANGE)
    assert asked.headers["location"] == "/admin/planning/1"
    waiting = pages.get("/admin/planning/1", headers=HTML).text
    assert "data-goes-on" in waiting
    result = play_to_the_end(known, 1)
    done = pages.get("/admin/planning/1", headers=HTML).text
    assert "data-goes-on" not in done
    assert f"{result.lines[0].now.mean:.1f}" in done
    assert f"{result.lines[0].then.longest:.1f}" in done
    assert "起始号 7" in done
    assert "过去的谈话只有 42 次" in done
    assert done.count('role="img"') == 2
    for described in re.findall(r'aria-describedby="([\w-]+)"', done):
        assert f'id="{described}"' in done
    kept = pages.get("/admin/planning", headers=HTML).text
    assert "official每周多一天接访" in kept
    assert f"{result.lines[0].then.mean:.1f}" in kept
    with reading(known.engine) as db:
        found = db.exec(select(AuditEntry.action).order_by(AuditEntry.id)).all()  # type: ignore[arg-type]
    assert [one for one in found if one.startswith("trial.")] == ["trial.ask", "trial.finish"]


def test_one_at_a_time_and_the_next_after_it_was_stopped(pages: TestClient, known: District) -> None:
    ask(known)
    refused = pages.post("/admin/planning", data=CHANGE, headers=HTML)
    assert refused.status_code == 409
    assert "已经有一个试算在进行" in refused.text
    pages.post("/admin/planning/1/cancel")
    assert row(known).state is TrialState.CANCELLED
    assert "已停止" in pages.get("/admin/planning/1", headers=HTML).text
    assert pages.post("/admin/planning", data=CHANGE).headers["location"] == "/admin/planning/2"


def test_what_is_stopped_takes_no_result(known: District) -> None:
    trial = begun(known, ask(known))
    *_, result = played(trial)
    with writing(known.engine) as db:
        cancel_trial(db, actor=administrator(known, db), now=known.clock.now(), trial_id=1)
        assert not report_trial(db, trial_id=1, now=known.clock.now(), percent=9, resting=False)
        assert begin_trial(db, trial_id=1, now=known.clock.now()) is None
        assert isinstance(result, Result)
        end_trial(db, trial_id=1, now=known.clock.now(), result=result)
    assert (row(known).state, row(known).result) == (TrialState.CANCELLED, None)


def test_it_rests_and_goes_on_and_is_given_up_after_some_tries(pages: TestClient, known: District) -> None:
    trial_id = ask(known)
    for _ in range(MOST_TRIES):
        begun(known, trial_id)
        with writing(known.engine) as db:
            assert report_trial(db, trial_id=trial_id, now=known.clock.now(), percent=40, resting=True)
        assert (row(known).state, row(known).percent) == (TrialState.WAITING, 40)
    assert "有谈话时先让谈话用机器" in pages.get("/admin/planning/1", headers=HTML).text
    with writing(known.engine) as db:
        assert begin_trial(db, trial_id=trial_id, now=known.clock.now()) is None
    assert (row(known).state, row(known).fault) == (TrialState.FAILED, "broken")
    assert "试算中断了三次" in pages.get("/admin/planning/1", headers=HTML).text


def test_a_history_that_is_gone_ends_the_trial(known: District) -> None:
    trial_id = ask(known)
    known.clock.forward(days=300)
    with writing(known.engine) as db:
        assert begin_trial(db, trial_id=trial_id, now=known.clock.now()) is None
    assert (row(known).state, row(known).fault) == (TrialState.FAILED, "no_history")


WRONG = [
    ({"official_id": ""}, "请选要增加什么"),
    ({"official_id": "2"}, "没有接访日"),
    ({"officials": "6"}, "0 到 5"),
    ({"officials": "-1"}, "0 到 5"),
    ({"points": "x"}, "0 到 50"),
    ({"seed": "0"}, "1 到 999999"),
    ({"seed": "x"}, "1 到 999999"),
]


@pytest.mark.parametrize(("wrong", "said"), WRONG)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    pages: TestClient, known: District, wrong: dict[str, str], said: str
) -> None:
    answer = pages.post("/admin/planning", data={**CHANGE, "visitors": "150", **wrong}, headers=HTML)
    assert answer.status_code == 422
    assert said in answer.text
    assert 'value="150" selected' in answer.text


def test_without_a_past_or_a_future_nothing_can_be_tried(pages: TestClient, district: District) -> None:
    answer = pages.post("/admin/planning", data=CHANGE, headers=HTML)
    assert answer.status_code == 409
    assert "最近半年没有谈话" in answer.text
    add_history(district)
    with writing(district.engine) as db:
        for one in db.exec(select(ReceptionDay).where(ReceptionDay.day > TODAY)):
            one.cancelled = True
    assert "今后四周没有接访日" in pages.post("/admin/planning", data=CHANGE, headers=HTML).text


def test_the_house_takes_a_seed_where_none_is_given_and_shows_it(known: District, pages: TestClient) -> None:
    ask(known, seed="", officials="1", points="2", visitors="200")
    made = row(known)
    assert made.seed > 0
    page = pages.get("/admin/planning", headers=HTML).text
    assert "增加 1 位领导,每周各一天、增加 2 个接访点;来的人按现在的 2 倍算" in page


def test_only_the_administrator(known: District, client: TestClient) -> None:
    ask(known)
    now, form = known.clock.now(), checked_trial(CHANGE)
    with writing(known.engine) as db:
        for actor in (known.official, known.clerk, known.handler, known.kiosk):
            with pytest.raises(Forbidden):
                trials(db, actor=actor)
            with pytest.raises(Forbidden):
                ground(db, actor=actor, now=now)
            with pytest.raises(Forbidden):
                get_trial(db, actor=actor, trial_id=1)
            with pytest.raises(Forbidden):
                ask_trial(db, actor=actor, now=now, form=form)
            with pytest.raises(Forbidden):
                cancel_trial(db, actor=actor, now=now, trial_id=1)
    assert client.get("/admin/planning").status_code == 401
