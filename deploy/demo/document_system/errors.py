"""What can go wrong, each with a sentence for people.

DocumentSystemError
├── ProviderUnreachable   the other side did not answer: try again later
├── LoginRefused          this log-in cannot be completed: begin again
├── LoginNeeded           the page needs somebody who is logged in
└── RequestRefused        a form that is stale, too large or from elsewhere
"""

from __future__ import annotations


class DocumentSystemError(Exception):
    """Base: `status` for HTTP, `heading` and `sentence` for people; the message itself is for the log."""

    status = 500
    heading = "Có trục trặc ở hệ thống văn bản"
    sentence = "Xin thử lại sau ít phút."


class ProviderUnreachable(DocumentSystemError):
    """The provider or one of its interfaces did not answer, or answered what cannot be understood."""

    status = 502
    heading = "Chưa liên lạc được với hệ thống định danh"
    sentence = "Tài khoản của bạn không bị ảnh hưởng. Xin thử lại sau ít phút."


class LoginRefused(DocumentSystemError):
    """The answer to a log-in cannot be trusted or has been used."""

    status = 400
    heading = "Chưa đăng nhập được"
    sentence = "Lần đăng nhập này đã quá hạn hoặc không khớp với trình duyệt này. Xin bấm «Đăng nhập» lần nữa."


class LoginNeeded(DocumentSystemError):
    """Nobody is logged in, or the log-in has ended."""

    status = 401
    heading = "Bạn cần đăng nhập"
    sentence = "Xin đăng nhập bằng tài khoản công vụ để xem trang này."


class RequestRefused(DocumentSystemError):
    """A form was sent that this page did not give out, or a file that is too large."""

    status = 400
    heading = "Chưa nhận được biểu mẫu"
    sentence = "Biểu mẫu đã cũ hoặc tệp quá lớn. Xin mở lại trang và gửi lần nữa."
