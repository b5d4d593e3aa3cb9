"""Time stamps of an authority (RFC 3161) for signatures, asked from the child process."""

from asn1crypto import cms, tsp
from pyhanko.sign.timestamps import TimeStamper, TimestampRequestError

from portal.base import outbound

SECONDS = 8.0
MAX_BYTES = 64 * 1024


class NoTimeStamp(Exception):
    """The authority did not answer, or not well; the message says which."""


class _Authority(TimeStamper):
    """An authority at an address, asked by our own client for other people's servers."""

    def __init__(self, url: str) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._url = url

    async def async_request_tsa_response(self, req: tsp.TimeStampReq) -> tsp.TimeStampResp:
        """Ask once. Raises NoTimeStamp."""
        headers = {"Content-Type": "application/timestamp-query", "Accept": "application/timestamp-reply"}
        try:
            answer = outbound.call(
                "POST", self._url, seconds=SECONDS, max_bytes=MAX_BYTES, content=req.dump(), headers=headers
            )
        except (outbound.Unreachable, outbound.NoAnswer) as error:
            raise NoTimeStamp(f"the time stamp authority does not answer: {error}") from error
        if not answer.is_success or not answer.is_whole:
            raise NoTimeStamp(f"the time stamp authority answers {answer.status}")
        return tsp.TimeStampResp.load(answer.body)

    async def async_timestamp(self, message_digest: bytes, md_algorithm: str) -> cms.ContentInfo:
        """Ask, and check status and nonce of the answer. Raises NoTimeStamp."""
        try:
            return await super().async_timestamp(message_digest, md_algorithm)
        except TimestampRequestError as error:
            raise NoTimeStamp(f"the time stamp authority refuses: {error}") from error
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise NoTimeStamp("the time stamp authority answers something else than a time stamp") from error


def time_stamper(url: str, internal_hosts: list[str]) -> TimeStamper:
    """Return the client of an authority."""
    outbound.install(frozenset(internal_hosts))
    return _Authority(url)
