"""The calls of the Python client of openapi-generator."""

import sys

from recordings import ApiClient, ApiException, Configuration
from recordings.api import AccessApi, AudioApi, RecordingsApi, UploadsApi
from recordings.models import AudioLinkRequest, Problem, RecordingType, UploadRequest, UploadType

from scenarios import ENV, Refused, run


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
        problem = Problem.from_json(error.body)
        raise Refused(problem.status, problem.type) from error


def list_page(client, limit, cursor=None):
    # Without the annotations of the generated method, which refuse a wrong limit themselves.
    api = RecordingsApi(client)
    method = api.list_recordings if limit > 0 else api.list_recordings.__wrapped__.__get__(api)
    return call(method, RecordingType.FINDME, 1234, limit=limit, cursor=cursor)


def get_audio(client, sid, audio_format="wav"):
    return call(AudioApi(client).get_recording_audio_with_http_info, sid, format=audio_format)


def read_audio(client, sid, audio_format):
    return get_audio(client, sid, audio_format).data


def is_processing(client, sid):
    return get_audio(client, sid).status_code == 202


def create_link(client, sid):
    return call(AudioApi(client).create_audio_link, sid, AudioLinkRequest()).url


def upload_path(client, path):
    request = UploadRequest(type=UploadType.FINDME, id=1234, path=path)
    return call(UploadsApi(client).create_upload, request).to_dict()


def upload_bytes(client, data):
    return call(
        UploadsApi(client).upload_audio, UploadType.FINDME, data, id=1234, _content_type="audio/mpeg"
    )


def issue_token(client):
    token = call(AccessApi(client).issue_token, "client_credentials", scope="recordings:read")
    return token.access_token


def delete(client, sid):
    return call(RecordingsApi(client).delete_recording, sid)


run(sys.modules[__name__])
