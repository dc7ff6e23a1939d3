"""What is a mail address we write to: one plain mailbox; everything a program could take for something else is refused."""

import pytest

from provisioning.mail.addresses import is_address, is_inside, mask


@pytest.mark.parametrize("text", ["hoa@gmail.com", "hoa.lt+x@a.b-c.vn", "h@mail.tinh.gov.vn", "a1_b@x1.vn"])
def test_plain_mailboxes(text: str) -> None:
    assert is_address(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "hoa", "@gmail.com", "hoa@", "hoa@localhost", "Hoa@gmail.com", "hòa@gmail.com", "hoa@gmáil.com", "hoa lt@gmail.com",
        "hoa@gmail.com\nBcc: x@y.vn", "hoa@gmail.com,x@y.vn", "<hoa@gmail.com>", '"hoa"@gmail.com', "hoa@[127.0.0.1]",
        "|/bin/sh@x.vn", "/var/mail/x@x.vn", ":include:/etc/passwd", "hoa..lt@gmail.com", "-f@x.vn", "hoa@-x.vn", "hoa@x..vn",
        "a" * 65 + "@x.vn", "hoa@" + "x" * 250 + ".vn", "hoa@gmail.com ", "hoa@gmail.com\x00",
    ],
    ids=repr,
)  # fmt: skip
def test_everything_else(text: str) -> None:
    assert not is_address(text)


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("a@vinhlong.gov.vn", True),
        ("a@anbinh.vinhlong.gov.vn", True),
        ("a@xvinhlong.gov.vn", False),
        ("a@gov.vn", False),
        ("a@gmail.com", False),
    ],
)
def test_a_domain_covers_what_lies_under_it(address: str, inside: bool) -> None:
    assert is_inside(address, ["Vinhlong.gov.vn"]) is inside


def test_an_address_is_shown_in_part() -> None:
    assert mask("hoa.lt@gmail.com") == "h•••@gmail.com"
