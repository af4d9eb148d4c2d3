"""Mirrors the recordings of a resource into a folder: python mirror.py FOLDER TYPE ID"""

import os
import sys
import time
from base64 import b64encode
from pathlib import Path

from recordings import AuthenticatedClient
from recordings.api.audio import get_recording_audio
from recordings.api.recordings import list_recordings
from recordings.models import Problem, Processing, RecordingType
from recordings.types import UNSET

keys = f"{os.environ['ACCESS_KEY']}:{os.environ['SECRET_ACCESS_KEY']}"
client = AuthenticatedClient(
    base_url=os.environ["GATEWAY_URL"], token=b64encode(keys.encode()).decode(), prefix="Basic"
)


def check(response):
    if isinstance(response, Problem):
        sys.exit(f"{response.title}: {response.detail} (request {response.request_id})")
    return response


def recordings_of(recording_type, resource_id):
    cursor = UNSET
    while cursor is not None:
        page = check(
            list_recordings.sync(
                client=client, type_=RecordingType(recording_type), id=int(resource_id), cursor=cursor
            )
        )
        yield from page.recordings
        cursor = page.next_cursor


def audio_of(sid, attempts=20):
    for _ in range(attempts):
        audio = check(get_recording_audio.sync(sid, client=client, prefer="wait=30"))
        if not isinstance(audio, Processing):
            return audio.payload.read()
        time.sleep(5)
    sys.exit(f"{sid} is still being processed")


folder, recording_type, resource_id = sys.argv[1:]
Path(folder).mkdir(parents=True, exist_ok=True)
for recording in recordings_of(recording_type, resource_id):
    file = Path(folder, f"{recording.sid}.wav")
    if file.exists():
        continue
    # Under another name until it is whole, so that a stopped mirror leaves no half files.
    part = file.with_suffix(".part")
    part.write_bytes(audio_of(recording.sid))
    part.rename(file)
    print(f"mirrored {file}")
