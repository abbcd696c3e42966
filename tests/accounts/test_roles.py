"""The full product of roles and actions, written out a second time."""

import pytest

from server.accounts.roles import ANYBODY, RIGHTS, Action, Actor, Role, may, require
from server.errors import Forbidden, NotSignedIn

COLUMNS = "kiosk agent official clerk handler administrator auditor guest public"
TABLE = """
book               x x . x . . . . .
cancel_booking     x x . x . . . . .
check_in           x x . x . . . . .
give_consent       x . . . . . . . .
ask_by_code        x x x x x x x . x
call_help          x x . . . . . . .
answer_help        . x x x . . . . .
see_waiting_list   . x x x . . . . .
run_list           . . x x . . . . .
admit              . . x . . . . . .
talk               x x x x x . . x .
invite             . . x x . . . . .
write_minutes      . . x x . . . . .
end_session        . . x . . . . . .
read_back          x . . . . . . . .
review             . . . x . . . . .
see_recording      . . . x . . . . .
see_petition       . . x x x . . . .
unmask             . . . x . . . . .
work_follow_up     . . . . x . . . .
see_notices        . . . x . x . . .
set_up             . . . . . x . . .
replan             . . . x . x . . .
set_aside          . . . x . . . . .
override           . . . x . . . . .
read_audit         . . . . . . x . .
make_document      . . . x x . . . .
see_document       . . x x x . . . .
"""
EXPECTED = {
    (Role(role), Action(words[0])): words[1 + index] == "x"
    for words in (line.split() for line in TABLE.strip().splitlines())
    for index, role in enumerate(COLUMNS.split())
}


def test_the_table_is_the_full_product() -> None:
    assert set(EXPECTED) == {(role, action) for role in Role for action in Action}
    assert set(RIGHTS) == set(Role)


@pytest.mark.parametrize(("role", "action"), sorted(EXPECTED))
def test_each_role_may_do_what_the_table_says(role: Role, action: Action) -> None:
    actor = Actor(role=role, id=1)
    assert may(actor, action) is EXPECTED[role, action]
    if EXPECTED[role, action]:
        require(actor, action)
    else:
        with pytest.raises(NotSignedIn if role is Role.PUBLIC else Forbidden):
            require(actor, action)


def test_nobody_signed_in_is_told_to_sign_in() -> None:
    with pytest.raises(NotSignedIn):
        require(ANYBODY, Action.REVIEW)
