"""The scenarios of both Python clients. Each client's own module has its calls, and passes itself to `run`."""

import hashlib
import os
import urllib.request

ENV = os.environ
PLAYABLE = "0907065723240097"
PROCESSING = "0907065723240203"


class Refused(Exception):
    def __init__(self, status, problem_type):
        super().__init__(f"{status} {problem_type}")
        self.status = status
        self.problem_type = problem_type


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def equal(actual, expected):
    if actual != expected:
        raise AssertionError(f"{actual} is not {expected}")


def refused(act, status, slug):
    try:
        act()
    except Refused as refusal:
        equal((refusal.status, refusal.problem_type), (status, f"/problems/{slug}"))
        return
    raise AssertionError("was not refused")


def walks(calls, client):
    first = calls.list_page(client, 1)
    second = calls.list_page(client, 1, first.next_cursor)
    sids = [recording.sid for recording in first.recordings + second.recordings]
    equal(sids, ["0932654521723728", "123456789101112"])
    equal(second.next_cursor, None)


def plays(calls, client, audio_format):
    audio = calls.read_audio(client, PLAYABLE, audio_format)
    equal(sha256(audio), ENV[f"{audio_format.upper()}_SHA256"])


def processes(calls, client):
    equal(calls.is_processing(client, PROCESSING), True)
    equal(calls.is_processing(client, PLAYABLE), False)


def links(calls, client):
    with urllib.request.urlopen(calls.create_link(client, PLAYABLE)) as response:
        equal(sha256(response.read()), ENV["WAV_SHA256"])


def uploads(calls, client):
    upload = calls.upload_path(client, "/path/to/audio.wav")
    equal(upload, {"type": "findme", "id": 1234, "path": "/path/to/audio.wav"})


def uploads_bytes(calls, client):
    with open(ENV["MP3_FILE"], "rb") as file:
        data = file.read()
    equal(calls.upload_bytes(client, data).content_length, len(data))


def tokens(calls, client):
    token = calls.issue_token(client)
    equal(len(calls.list_page(calls.connect(f"Bearer {token}"), 1).recordings), 1)


def deletes(calls, client):
    calls.delete(client, PLAYABLE)
    refused(lambda: calls.read_audio(client, PLAYABLE, "wav"), 404, "recording-not-found")


def perform(calls, client, call, argument):
    return {
        "list": lambda: calls.list_page(client, int(argument)),
        "audio": lambda: calls.read_audio(client, argument, "wav"),
        "delete": lambda: calls.delete(client, argument),
        "upload-bytes": lambda: calls.upload_bytes(client, argument.encode()),
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


def run(calls):
    client = calls.connect("foofoofoo:foobarfoo")
    scenario("walks a list by its pages", lambda: walks(calls, client))
    scenario("gets WAV, byte for byte", lambda: plays(calls, client, "wav"))
    scenario("gets MP3, byte for byte", lambda: plays(calls, client, "mp3"))
    scenario("tells processing from audio", lambda: processes(calls, client))
    scenario("makes a link that plays without credentials", lambda: links(calls, client))
    scenario("uploads from a path", lambda: uploads(calls, client))
    scenario("uploads bytes", lambda: uploads_bytes(calls, client))
    scenario("gets a token and acts with it", lambda: tokens(calls, client))
    with open(ENV["REFUSALS"]) as file:
        rows = [line.rstrip("\n").split("\t") for line in file]
    for name, slug, status, call, argument, credentials, fault in rows:
        if fault:
            order("PUT", fault.encode())
        act = lambda: perform(calls, calls.connect(credentials), call, argument)
        scenario(name, lambda: refused(act, int(status), slug))
        order("DELETE")
    scenario("deletes", lambda: deletes(calls, client))
