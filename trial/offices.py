"""The units of an old province: itself, its departments, its districts with their offices, its communes.

Names and administrative codes are real. Agency codes (Decision 20/2020) are not published as a table:
the ones made here are examples and every unit says so.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from trial.places import Commune, Country, District, Province
from trial.spelling import plain_letters, plain_word

FOUNDED = date(2004, 7, 8)
"""From when the units of the example stand: the day of Decision 124/2004, which gave them their codes."""

MAIL_ROOT = "gov.example"
"""Mail of the example ends in a domain that can never exist (RFC 2606 §2), so nothing reaches a real office."""

_KNOWN_AGENCY_CODES = {"86": "H61", "83": "H08", "84": "H59", "01": "H26", "46": "H57", "22": "H49"}
_FIRST_DISTRICT, _FIRST_COMMUNE, FIRST_NEW_COMMUNE = 31, 21, 101


@dataclass(frozen=True, slots=True)
class Office:
    """A kind of department or district office: a key that is the same in every province, and its names."""

    key: str
    name: str
    short_name: str
    heir: str = ""
    """For a district office: the key of the provincial department that takes over its field."""


DEPARTMENTS = (
    Office("van-phong-ubnd", "Văn phòng Ủy ban nhân dân tỉnh", "VP UBND tỉnh"),
    Office("van-phong-hdnd", "Văn phòng Đoàn đại biểu Quốc hội và Hội đồng nhân dân tỉnh", "VP HĐND tỉnh"),
    Office("so-noi-vu", "Sở Nội vụ", "SNV"),
    Office("so-tu-phap", "Sở Tư pháp", "STP"),
    Office("so-tai-chinh", "Sở Tài chính", "STC"),
    Office("so-cong-thuong", "Sở Công Thương", "SCT"),
    Office("so-nong-nghiep", "Sở Nông nghiệp và Môi trường", "SNNMT"),
    Office("so-xay-dung", "Sở Xây dựng", "SXD"),
    Office("so-khoa-hoc", "Sở Khoa học và Công nghệ", "SKHCN"),
    Office("so-van-hoa", "Sở Văn hóa, Thể thao và Du lịch", "SVHTTDL"),
    Office("so-giao-duc", "Sở Giáo dục và Đào tạo", "SGDĐT"),
    Office("so-y-te", "Sở Y tế", "SYT"),
    Office("so-dan-toc", "Sở Dân tộc và Tôn giáo", "SDTTG"),
    Office("thanh-tra", "Thanh tra tỉnh", "TTT"),
    Office("van-phong-tinh-uy", "Văn phòng Tỉnh ủy", "VPTU"),
    Office("ban-to-chuc", "Ban Tổ chức Tỉnh ủy", "BTCTU"),
    Office("kiem-tra", "Ủy ban Kiểm tra Tỉnh ủy", "UBKTTU"),
    Office("ban-tuyen-giao", "Ban Tuyên giáo và Dân vận Tỉnh ủy", "BTGDVTU"),
    Office("mat-tran", "Ủy ban Mặt trận Tổ quốc Việt Nam tỉnh", "UBMTTQ tỉnh"),
)
"""The departments of a province as they stood in May 2025, after the ministries had merged."""

PARTY_DEPARTMENTS = frozenset({"van-phong-tinh-uy", "ban-to-chuc", "kiem-tra", "ban-tuyen-giao"})

DISTRICT_OFFICES = (
    Office("van-phong", "Văn phòng HĐND và UBND", "VP", "van-phong-ubnd"),
    Office("noi-vu", "Phòng Nội vụ", "PNV", "so-noi-vu"),
    Office("tu-phap", "Phòng Tư pháp", "PTP", "so-tu-phap"),
    Office("tai-chinh", "Phòng Tài chính - Kế hoạch", "PTCKH", "so-tai-chinh"),
    Office("nong-nghiep", "Phòng Nông nghiệp và Môi trường", "PNNMT", "so-nong-nghiep"),
    Office("kinh-te", "Phòng Kinh tế, Hạ tầng và Đô thị", "PKTHTĐT", "so-xay-dung"),
    Office("van-hoa", "Phòng Văn hóa, Khoa học và Thông tin", "PVHKHTT", "so-van-hoa"),
    Office("giao-duc", "Phòng Giáo dục và Đào tạo", "PGDĐT", "so-giao-duc"),
    Office("thanh-tra", "Thanh tra huyện", "TTH", "thanh-tra"),
)


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit of before. `agency` is an example code, `admin` the real one of Decision 124/2004 or empty."""

    ref: str
    level: str
    name: str
    short_name: str
    parent: str
    agency: str
    admin: str
    province: str
    district: str
    office: str
    email: str
    hotline: str


def agency_codes(country: Country) -> dict[str, str]:
    """An example level-1 code for every old province; the ones that are known publicly are kept."""
    free = (f"H{number:02d}" for number in range(1, 100) if f"H{number:02d}" not in _KNOWN_AGENCY_CODES.values())
    others = sorted(
        (province for province in country.provinces_before.values() if province.code not in _KNOWN_AGENCY_CODES),
        key=lambda province: plain_letters(bare_name(province.name)),
    )
    return _KNOWN_AGENCY_CODES | {province.code: code for province, code in zip(others, free, strict=False)}


def build_units(country: Country, province: Province, agency: str) -> list[Unit]:
    """All units of an old province, parents before children."""
    top = _province_unit(province, agency)
    units = [top, *_departments(top)]
    for number, district in enumerate(country.districts_of(province.code), _FIRST_DISTRICT):
        unit = _district_unit(top, district, number)
        units.append(unit)
        units.extend(_district_offices(unit))
        communes = country.communes_of(district.code)
        units.extend(_commune_unit(unit, commune, place) for place, commune in enumerate(communes, _FIRST_COMMUNE))
    return units


def bare_name(name: str) -> str:
    """The name without the word for its kind: `Thị trấn Trà Cú` becomes `Trà Cú`, `Phường 7` stays as it is."""
    for word in ("Thành phố", "Tỉnh", "Thị xã", "Thị trấn", "Quận", "Huyện", "Phường", "Xã", "Đặc khu"):
        rest = name.removeprefix(word + " ")
        if rest != name:
            return name if rest.isdigit() else rest
    return name


def mail_domain(province: Province) -> str:
    """The domain of an old province: `vinhlong.gov.example`."""
    return f"{plain_word(bare_name(province.name))}.{MAIL_ROOT}"


def _province_unit(province: Province, agency: str) -> Unit:
    return Unit(
        ref=f"p{province.code}", level="province", name=province.name, short_name=bare_name(province.name), parent="",
        agency=agency, admin=province.code, province=province.code, district="", office="",
        email=f"ubnd@{mail_domain(province)}", hotline=_hotline(province.code),
    )  # fmt: skip


def _departments(top: Unit) -> Iterator[Unit]:
    domain = top.email.partition("@")[2]
    city = top.name.startswith("Thành phố")
    for number, office in enumerate(DEPARTMENTS, 1):
        name = (
            office.name.replace("nhân dân tỉnh", "nhân dân thành phố").replace("Tỉnh ủy", "Thành ủy")
            if city
            else office.name
        )
        yield Unit(
            ref=f"{top.ref}-{office.key}", level="department", name=name, short_name=office.short_name, parent=top.ref,
            agency=f"{top.agency}.{number}", admin="", province=top.province, district="", office=office.key,
            email=f"{plain_word(office.key)}@{domain}", hotline=top.hotline,
        )  # fmt: skip


def _district_unit(top: Unit, district: District, number: int) -> Unit:
    return Unit(
        ref=f"d{district.code}", level="district", name=district.name, short_name=bare_name(district.name),
        parent=top.ref, agency=f"{top.agency}.{number}", admin=district.code, province=top.province,
        district=district.code, office="", email=f"{plain_word(bare_name(district.name))}@{top.email.partition('@')[2]}",
        hotline=top.hotline,
    )  # fmt: skip


def _district_offices(unit: Unit) -> Iterator[Unit]:
    mailbox, _, domain = unit.email.partition("@")
    for number, office in enumerate(DISTRICT_OFFICES, 1):
        yield Unit(
            ref=f"{unit.ref}-{office.key}", level="division", name=office.name, short_name=office.short_name,
            parent=unit.ref, agency=f"{unit.agency}.{number}", admin="", province=unit.province,
            district=unit.district, office=office.key, email=f"{office.short_name.lower().replace('đ', 'd')}.{mailbox}@{domain}",
            hotline=unit.hotline,
        )  # fmt: skip


def _commune_unit(unit: Unit, commune: Commune, number: int) -> Unit:
    mailbox, _, domain = unit.email.partition("@")
    return Unit(
        ref=commune.ref, level="commune", name=commune.name, short_name=bare_name(commune.name), parent=unit.ref,
        agency=f"{unit.agency}.{number}", admin=commune.code, province=unit.province, district=unit.district, office="",
        email=f"{plain_word(bare_name(commune.name))}.{mailbox}@{domain}", hotline=unit.hotline,
    )  # fmt: skip


def _hotline(province: str) -> str:
    """An example number: no local number begins with 1."""
    return {"86": "0270 1022", "83": "0275 1022", "84": "0294 1022"}.get(province, "1022")
