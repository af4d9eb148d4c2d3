"""The calls of the client of openapi-python-client."""

import base64
import io
import sys

from recordings import AuthenticatedClient, Client
from recordings.api.access import issue_token as issue_token_call
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
    UploadRequest,
    UploadType,
)
from recordings.types import UNSET, File

from scenarios import ENV, Refused, equal, run


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
        raise Refused(answer.status, answer.type_)
    return answer


def list_page(client, limit, cursor=UNSET):
    return unwrap(
        list_recordings.sync(client=client, type_=RecordingType.FINDME, id=1234, limit=limit, cursor=cursor)
    )


def get_audio(client, sid, audio_format="wav"):
    return unwrap(get_recording_audio.sync(sid, client=client, format_=AudioFormat(audio_format)))


def read_audio(client, sid, audio_format):
    audio = get_audio(client, sid, audio_format)
    equal(type(audio), File)
    return audio.payload.read()


def is_processing(client, sid):
    return isinstance(get_audio(client, sid), Processing)


def create_link(client, sid):
    return unwrap(create_audio_link.sync(sid, client=client, body=AudioLinkRequest())).url


def upload_path(client, path):
    body = UploadRequest(type_=UploadType.FINDME, id=1234, path=path)
    return unwrap(create_upload.sync(client=client, body=body)).to_dict()


def upload_bytes(client, data):
    body = File(payload=io.BytesIO(data))
    return unwrap(upload_audio.sync(client=client, body=body, type_=UploadType.FINDME, id=1234))


def issue_token(client):
    body = TokenRequest(grant_type="client_credentials", scope="recordings:read")
    return unwrap(issue_token_call.sync(client=client, body=body)).access_token


def delete(client, sid):
    return unwrap(delete_recording.sync(sid, client=client))


run(sys.modules[__name__])
