"""What can be wrong with a store that speaks S3, in words that name the cure."""

import hashlib
import subprocess
import sys
import threading
from base64 import b64encode
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import BytesIO

import httpx
import pytest

from portal.store.filing.bucket import Bucket
from portal.store.filing.kinds import StoreDown
from tests.s3 import environment_of
from tests.servers import free_port


def test_a_missing_bucket_is_no_missing_file(server):
    there = Bucket("no-such-bucket", "", environment_of(server))
    for asked in (there.probe, lambda: there.has("records/x"), lambda: list(there.listed("records"))):
        with pytest.raises(StoreDown, match="the bucket does not exist"):
            asked()
    with pytest.raises(StoreDown), there.reading("records/x"):
        pytest.fail("it was read")


def test_a_store_where_nothing_answers_is_told_within_seconds():
    there = Bucket("files", "", environment_of(f"http://127.0.0.1:{free_port()}"))
    with pytest.raises(StoreDown, match="nothing answers"):
        there.probe()


@pytest.fixture
def guarded(server):
    """The same server while it checks keys and permissions; yields the environments of two users by their policies."""
    line = [sys.executable, "-c", MAKING_USERS, server, READING, ALL]
    made = subprocess.run(line, capture_output=True, text=True, check=True).stdout.split()
    keys = [{"AWS_ACCESS_KEY_ID": made[at], "AWS_SECRET_ACCESS_KEY": made[at + 1]} for at in (0, 2)]
    httpx.post(f"{server}/moto-api/reset-auth", content=b"0").raise_for_status()
    yield [environment_of(server) | each for each in keys]
    httpx.post(f"{server}/moto-api/reset-auth", content=b"1000000").raise_for_status()


MAKING_USERS = """
import sys, boto3
own = {"region_name": "us-east-1", "aws_access_key_id": "k", "aws_secret_access_key": "s"}
iam = boto3.client("iam", endpoint_url=sys.argv[1], **own)
for number, policy in enumerate(sys.argv[2:]):
    iam.create_user(UserName=f"user-{number}")
    iam.put_user_policy(UserName=f"user-{number}", PolicyName="p", PolicyDocument=policy)
    made = iam.create_access_key(UserName=f"user-{number}")["AccessKey"]
    print(made["AccessKeyId"], made["SecretAccessKey"])
"""
POLICY = '{"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": %s, "Resource": "*"}]}'
READING, ALL = POLICY % '["s3:Get*", "s3:List*"]', POLICY % '"s3:*"'


def test_a_key_that_may_only_read_is_told_from_an_unknown_one_and_a_wrong_secret(server, guarded):
    reading, whole = guarded
    Bucket("files", "keys", whole).probe()
    with pytest.raises(StoreDown, match="may not do this there"):
        Bucket("files", "keys", reading).probe()
    with pytest.raises(StoreDown, match="correct AWS_ACCESS_KEY_ID"):
        Bucket("files", "keys", environment_of(server) | {"AWS_ACCESS_KEY_ID": "AKIAUNKNOWN"}).probe()
    with pytest.raises(StoreDown, match="the secret does not belong"):
        Bucket("files", "keys", whole | {"AWS_SECRET_ACCESS_KEY": "another"}).probe()


class Recorder(BaseHTTPRequestHandler):
    """A store that says yes, and keeps the headers of what is put into it."""

    def do_PUT(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.put.append(dict(self.headers))  # type: ignore[attr-defined]
        self._answer(0)

    def do_HEAD(self) -> None:
        self._answer(self.server.says)  # type: ignore[attr-defined]

    def _answer(self, size: int) -> None:
        self.send_response(200)
        headers = {"etag": '"x"', "last-modified": "Mon, 23 Nov 2026 04:00:00 GMT", "content-length": str(size)}
        for name, text in headers.items():
            self.send_header(name, text)
        self.end_headers()

    def log_message(self, *_parts: object) -> None:
        """Say nothing."""


@pytest.fixture
def recorder():
    with HTTPServer(("127.0.0.1", 0), Recorder) as server:
        server.put, server.says = [], 5
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def test_every_upload_carries_the_checksum_that_the_store_compares(recorder):
    there = Bucket("files", "", environment_of(f"http://127.0.0.1:{recorder.server_port}"))
    there.write("records/x", BytesIO(b"hello"))
    digest = hashlib.sha256(b"hello")
    assert recorder.put[0]["x-amz-checksum-sha256"] == b64encode(digest.digest()).decode()
    assert recorder.put[0]["x-amz-content-sha256"] == digest.hexdigest()


def test_a_store_that_has_kept_less_than_was_sent_is_not_believed(recorder):
    recorder.says = 4
    there = Bucket("files", "", environment_of(f"http://127.0.0.1:{recorder.server_port}"))
    with pytest.raises(StoreDown, match="4 of 5 bytes"):
        there.write("records/x", BytesIO(b"hello"))
