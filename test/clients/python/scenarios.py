"""Puts the client of openapi-python-client through the scenarios."""

import base64
import hashlib
import io
import os
import urllib.request

from recordings import AuthenticatedClient, Client
from recordings.api.access import issue_token
from recordings.api.audio import create_audio_link, get_recording_audio
from recordings.api.recordings import delete_recording, list_recordings
from recordings.api.uploads import create_upload, upload_audio
from recordings.models import (
    AudioFormat,
    AudioLinkRequest,
    Problem,
    Processing,
    RecordingType,
    TokenRequest,
    Upload,
    UploadRequest,
    UploadType,
)
from recordings.types import UNSET, File

ENV = os.environ
PLAYABLE = "0907065723240097"


class Refused(Exception):
    def __init__(self, problem):
        super().__init__(f"{problem.status} {problem.type_}")
        self.problem = problem


def connect(credentials):
    url = ENV["GATEWAY_URL"]
    if not credentials:
        return Client(base_url=url)
    if credentials.startswith("Bearer "):
        return AuthenticatedClient(base_url=url, token=credentials[len("Bearer ") :])
    token = base64.b64encode(credentials.encode()).decode()
    return AuthenticatedClient(base_url=url, token=token, prefix="Basic")


def unwrap(answer):
    if isinstance(answer, Problem):
        raise Refused(answer)
    return answer


def list_page(client, limit, cursor=UNSET):
    return unwrap(
        list_recordings.sync(client=client, type_=RecordingType.FINDME, id=1234, limit=limit, cursor=cursor)
    )


def get_audio(client, sid, audio_format="wav"):
    return unwrap(get_recording_audio.sync(sid, client=client, format_=AudioFormat(audio_format)))


def delete(client, sid):
    return unwrap(delete_recording.sync(sid, client=client))


def upload_bytes(client, data):
    body = File(payload=io.BytesIO(data))
    return unwrap(upload_audio.sync(client=client, body=body, type_=UploadType.FINDME, id=1234))


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual} is not {expected}")


def walks(client):
    first = list_page(client, 1)
    second = list_page(client, 1, first.next_cursor)
    sids = [recording.sid for recording in first.recordings + second.recordings]
    equal(sids, ["0932654521723728", "123456789101112"])
    equal(second.next_cursor, None)


def plays(client, audio_format):
    audio = get_audio(client, PLAYABLE, audio_format)
    equal(type(audio), File)
    equal(sha256(audio.payload.read()), ENV[f"{audio_format.upper()}_SHA256"])


def processes(client):
    equal(type(get_audio(client, "0907065723240203")), Processing)


def links(client):
    link = unwrap(create_audio_link.sync(PLAYABLE, client=client, body=AudioLinkRequest()))
    with urllib.request.urlopen(link.url) as response:
        equal(sha256(response.read()), ENV["WAV_SHA256"])


def uploads(client):
    body = UploadRequest(type_=UploadType.FINDME, id=1234, path="/path/to/audio.wav")
    equal(unwrap(create_upload.sync(client=client, body=body)), Upload.from_dict(body.to_dict()))


def uploads_bytes(client):
    with open(ENV["MP3_FILE"], "rb") as file:
        data = file.read()
    equal(upload_bytes(client, data).content_length, len(data))


def tokens(client):
    body = TokenRequest(grant_type="client_credentials", scope="recordings:read")
    token = unwrap(issue_token.sync(client=client, body=body))
    equal(len(list_page(connect(f"Bearer {token.access_token}"), 1).recordings), 1)


def deletes(client):
    delete(client, PLAYABLE)
    refused(lambda: get_audio(client, PLAYABLE), 404, "recording-not-found")


def refused(act, status, slug):
    try:
        act()
    except Refused as refusal:
        equal((refusal.problem.status, refusal.problem.type_), (status, f"/problems/{slug}"))
        return
    raise AssertionError("was not refused")


def perform(client, call, argument):
    return {
        "list": lambda: list_page(client, int(argument)),
        "audio": lambda: get_audio(client, argument),
        "delete": lambda: delete(client, argument),
        "upload-bytes": lambda: upload_bytes(client, argument.encode()),
    }[call]()


def order(method, body=None):
    url = f"{ENV['EMULATOR_URL']}/_emulator/fault"
    urllib.request.urlopen(urllib.request.Request(url, method=method, data=body)).close()


def scenario(name, act):
    try:
        act()
        print(f"ok {name}")
    except Exception as error:
        print(f"not ok {name}\t{type(error).__name__} {error}".splitlines()[0])


def main():
    client = connect("foofoofoo:foobarfoo")
    scenario("walks a list by its pages", lambda: walks(client))
    scenario("gets WAV, byte for byte", lambda: plays(client, "wav"))
    scenario("gets MP3, byte for byte", lambda: plays(client, "mp3"))
    scenario("tells processing from audio", lambda: processes(client))
    scenario("makes a link that plays without credentials", lambda: links(client))
    scenario("uploads from a path", lambda: uploads(client))
    scenario("uploads bytes", lambda: uploads_bytes(client))
    scenario("gets a token and acts with it", lambda: tokens(client))
    with open(ENV["REFUSALS"]) as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    for name, slug, status, call, argument, credentials, fault in rows:
        if fault:
            order("PUT", fault.encode())
        act = lambda: perform(connect(credentials), call, argument)
        scenario(name, lambda: refused(act, int(status), slug))
        order("DELETE")
    scenario("deletes", lambda: deletes(client))


main()
