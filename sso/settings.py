"""How long things live and how often one may guess. All times in seconds unless the name says otherwise."""

from typing import Literal

from foundation.settings import Field, Section


class SsoSection(Section):
    """The provider's policy; values of level 3 (TCVN 14423:2026 §5) where the standard suggests one."""

    name = "sso"
    code_seconds: int = Field(default=60, ge=10, le=600)
    """Life of an authorization code; RFC 6749 §4.1.2 wants at most ten minutes."""
    access_seconds: int = Field(default=900, ge=60, le=3600)
    """Life of an opaque access token."""
    self_contained_seconds: int = Field(default=300, ge=60, le=300)
    """Life of an access token that applications read by themselves; what is suspended lives on in it, five minutes at most."""
    id_token_seconds: int = Field(default=600, ge=60, le=3600)
    """Life of an ID token."""
    refresh_seconds: int = Field(default=30 * 24 * 3600, ge=600)
    """Life of a family of refresh tokens, counted from the log-in."""
    session_idle_seconds: int = Field(default=30 * 60, ge=60)
    """A browser session ends after so long without being asked for. Level 3 suggests 15 minutes without use; applications keep
    that themselves and many ask here only every 15 minutes, so here it is twice that."""
    administration_idle_seconds: int = Field(default=5 * 60, ge=60, le=5 * 60)
    """A session of an administration account ends after so long without use (level 3: five minutes)."""
    administration_password_days: int = Field(default=60, ge=1, le=60)
    """Administration accounts change their password so often (level 3: every two months)."""
    owing_seconds: int = Field(default=10 * 60, ge=60, le=30 * 60)
    """How long a right password waits for its second factor."""
    remembered_days: int = Field(default=30, ge=0, le=90)
    """How long a browser may go without the second factor, where its owner asks for it; 0: never. Administration accounts never."""
    session_seconds: int = Field(default=10 * 3600, ge=300)
    """A browser session ends after so long however much it is used."""
    own_address: str = ""
    """Address at which the worker reaches this service itself, where that is not the issuer's (behind a proxy); none where the service
    listens at a socket: then the worker, too, goes by the proxy."""
    frames_of_other_sites: bool = False
    """Whether the session is told to hidden frames of other sites (silent renewal by prompt=none); https only."""
    guesses: int = Field(default=5, ge=3, le=10)
    """Failed tries on one account before it is shut for a while (level 3 suggests at most 5)."""
    guess_window_seconds: int = Field(default=15 * 60, ge=60)
    """Failures are counted over so long."""
    shut_seconds: int = Field(default=15 * 60, ge=60)
    """How long an account stays shut after too many failures; the help desk can open it sooner."""
    source_weight: int = Field(default=200, ge=20)
    """Failures of one network beyond those that people who came in outweigh, before it has to wait."""
    source_window_seconds: int = Field(default=10 * 60, ge=60)
    """Failures of a network weigh so long."""
    source_shut_seconds: int = Field(default=60, ge=10, le=600)
    """How long a network that only guesses waits."""
    policy_file: str = ""
    """A policy file put over these values: "level-3" (shipped, TCVN 14423:2026) or the path of one of your own; see docs/sign-on.md."""
    password_length: int = Field(default=12, ge=8)
    """Least length of a new password. Level 3 suggests 14 with all four classes where there is no second factor; here 12 without classes,
    because every password is held against lists of known ones and five guesses a quarter of an hour are all anybody gets."""
    password_classes: int = Field(default=1, ge=1, le=4)
    """How many kinds of characters (small, capital, digits, others) a new password needs."""
    password_history: int = Field(default=0, ge=0, le=24)
    """How many former passwords of a business account do not come back."""
    administration_password_history: int = Field(default=10, ge=10, le=24)
    """How many former passwords of an administration account do not come back (level 3: ten)."""
    breached_list: str = ""
    """A list of known passwords made by `hopnhat account password-list`; the small shipped one is always used."""
    refresh_again_seconds: int = Field(default=10, ge=0, le=60)
    """How long a refresh token that was used may be shown again by its client, whose answer was lost: it gets the same child."""
    pushed_seconds: int = Field(default=60, ge=10, le=600)
    """How long a pushed authorization request may wait to be opened (RFC 9126 §2.2)."""
    sweep_seconds: int = Field(default=300, ge=30, le=86400)
    """So often the worker takes away what is over."""
    kept_seconds: int = Field(default=24 * 3600, ge=60)
    """How long codes, tokens, grants and sessions stay after their end, so that a question asked just too late gets its own answer."""
    waiting_at_most: int = Field(default=2000, ge=10)
    """How many requests that nobody proved (pushed, of devices, signed) may wait unanswered for one application from one network;
    twenty times as many from all. Where there is no more room the oldest of the heaviest network goes."""
    device_seconds: int = Field(default=600, ge=60, le=1800)
    """How long a device waits for its person (RFC 8628 §3.2)."""
    device_interval_seconds: int = Field(default=5, ge=1, le=60)
    """How often a device may ask; who asks more often has to slow down (RFC 8628 §3.5)."""
    userinfo_fresh_seconds: int = Field(default=0, ge=0)
    """Userinfo wants a log-in no older than this and answers others with a step-up challenge (RFC 9470); 0: any age."""
    userinfo_level: str = ""
    """Userinfo wants a log-in of at least this level (an `acr` value) and answers others with a step-up challenge; none: any level."""
    key_days: int = Field(default=90, ge=1, le=730)
    """A signing key is followed by a new one after so many days."""
    key_lead_hours: int = Field(default=24, ge=1, le=720)
    """A new signing key is published so long before it signs."""
    implicit_flow: bool = False
    """Whether applications may register the response types `id_token` and `id_token token`, which put tokens into the browser's hands.
    RFC 9700 §2.1.2 advises against; certification's Dynamic profile is examined with it on."""
    registration: Literal["off", "token", "open"] = "off"
    """Who may register an application by themselves: nobody, holders of an initial access token, or everybody."""
    registration_pkce: bool = True
    """Whether applications that registered themselves must send a code challenge; public ones always must."""
    registrations_per_hour: int = Field(default=20, ge=1)
    """How many applications may register themselves in an hour while registration is open."""
    fetch_hosts: tuple[str, ...] = ()
    """Hosts from which documents of applications are fetched (keys, request objects, sector files, logos); "*": any public one."""
    laboratory_hosts: tuple[str, ...] = ()
    """Hosts that may lie at loopback or private addresses, for laboratories and tests only; fetched from without further leave."""
