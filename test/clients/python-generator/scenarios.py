"""Puts the Python client of openapi-generator through the scenarios."""

import hashlib
import os
import urllib.request

from recordings import ApiClient, ApiException, Configuration
from recordings.api import AccessApi, AudioApi, RecordingsApi, UploadsApi
from recordings.models import AudioLinkRequest, Problem, RecordingType, UploadRequest, UploadType

ENV = os.environ
PLAYABLE = "0907065723240097"


class Refused(Exception):
    def __init__(self, problem):
        super().__init__(f"{problem.status} {problem.type}")
        self.problem = problem


def connect(credentials):
    # Without the retries of urllib3, which repeats a 429 and a 503 after `Retry-After`.
    configuration = Configuration(host=ENV["GATEWAY_URL"], retries=False)
    if credentials.startswith("Bearer "):
        configuration.access_token = credentials[len("Bearer ") :]
    elif credentials:
        configuration.username, configuration.password = credentials.split(":", 1)
    return ApiClient(configuration)


def call(method, *arguments, **named):
    try:
        return method(*arguments, **named)
    except ApiException as error:
        raise Refused(Problem.from_json(error.body)) from error


def list_page(client, limit, cursor=None):
    # Without the annotations of the generated method, which refuse a wrong limit themselves.
    api = RecordingsApi(client)
    method = api.list_recordings if limit > 0 else api.list_recordings.__wrapped__.__get__(api)
    return call(method, RecordingType.FINDME, 1234, limit=limit, cursor=cursor)


def get_audio(client, sid, audio_format="wav"):
    return call(AudioApi(client).get_recording_audio_with_http_info, sid, format=audio_format)


def delete(client, sid):
    return call(RecordingsApi(client).delete_recording, sid)


def upload_bytes(client, data):
    return call(
        UploadsApi(client).upload_audio, UploadType.FINDME, data, id=1234, _content_type="audio/mpeg"
    )


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
    equal(sha256(audio.data), ENV[f"{audio_format.upper()}_SHA256"])


def processes(client):
    equal(get_audio(client, "0907065723240203").status_code, 202)


def links(client):
    link = call(AudioApi(client).create_audio_link, PLAYABLE, AudioLinkRequest())
    with urllib.request.urlopen(link.url) as response:
        equal(sha256(response.read()), ENV["WAV_SHA256"])


def uploads(client):
    request = UploadRequest(type=UploadType.FINDME, id=1234, path="/path/to/audio.wav")
    equal(call(UploadsApi(client).create_upload, request).to_dict(), request.to_dict())


def uploads_bytes(client):
    with open(ENV["MP3_FILE"], "rb") as file:
        data = file.read()
    equal(upload_bytes(client, data).content_length, len(data))


def tokens(client):
    token = call(AccessApi(client).issue_token, "client_credentials", scope="recordings:read")
    equal(len(list_page(connect(f"Bearer {token.access_token}"), 1).recordings), 1)


def deletes(client):
    delete(client, PLAYABLE)
    refused(lambda: get_audio(client, PLAYABLE), 404, "recording-not-found")


def refused(act, status, slug):
    try:
        act()
    except Refused as refusal:
        equal((refusal.problem.status, refusal.problem.type), (status, f"/problems/{slug}"))
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
