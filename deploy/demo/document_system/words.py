"""Dates and verdicts in the words that people read."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

VIETNAM = timezone(timedelta(hours=7))

VERDICTS = {
    "valid": "Chữ ký hợp lệ",
    "invalid": "Chữ ký không hợp lệ",
    "undetermined": "Chưa kết luận được",
}
INDICATIONS = {"TOTAL_PASSED": "hợp lệ", "TOTAL_FAILED": "không hợp lệ", "INDETERMINATE": "chưa kết luận được"}
RESULTS = {"passed": "đạt", "failed": "không đạt", "undetermined": "chưa rõ"}
AUTHORITIES = {
    "held": "Người ký giữ chức vụ này vào lúc ký",
    "not_held": "Người ký không giữ chức vụ nào ở đơn vị này vào lúc ký",
    "unknown": "Không rõ chức vụ của người ký vào lúc ký",
}
DUTIES = {
    "leader": "người đứng đầu",
    "deputy": "cấp phó",
    "clerk": "văn thư",
    "approver": "người phê duyệt",
    "hr": "nhân sự",
    "help_desk": "hỗ trợ người dùng",
    "focal_point": "đầu mối chữ ký số",
    "operator": "vận hành",
}
"""Whoever reads, by duty; in the order in which they are named."""
TIMES = {"timestamp": "theo dấu thời gian", "reception": "theo lúc tiếp nhận", "none": "theo lời người ký"}


def show_day(text: str) -> str:
    """An RFC 3339 instant or a date as a Vietnamese day: `01/07/2025`; anything else as it stands."""
    instant = _instant(text)
    return f"{instant:%d/%m/%Y}" if instant else text


def show_instant(text: str) -> str:
    """An RFC 3339 instant with its hour in Vietnam."""
    instant = _instant(text)
    return f"{instant:%H:%M:%S ngày %d/%m/%Y}" if instant else text


def show_place(text: str) -> str:
    """A name inside a sentence: the word for its kind begins small (`phường Trà Vinh`)."""
    return text[:1].lower() + text[1:] if text.split(" ")[0] in _KINDS else text


_KINDS = {"Xã", "Phường", "Thị", "Tỉnh", "Thành", "Huyện", "Quận", "Đặc", "Văn", "Phòng"}


def _instant(text: str) -> datetime | None:
    try:
        instant = datetime.fromisoformat(text)
    except (TypeError, ValueError):
        return None
    if instant.tzinfo is None:
        return instant.replace(tzinfo=VIETNAM)
    return instant.astimezone(UTC).astimezone(VIETNAM)
