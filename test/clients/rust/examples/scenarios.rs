//! Puts the Rust client of openapi-generator through the scenarios.

use recordings::apis::configuration::Configuration;
use recordings::apis::{access_api, audio_api, recordings_api, uploads_api, Error};
use recordings::models::{
    AudioFormat, AudioLinkRequest, Problem, RecordingList, RecordingType, UploadRequest, UploadType,
};
use reqwest::Method;
use std::future::Future;
use std::sync::OnceLock;
use std::{env, fs, path::PathBuf};
use tokio::runtime::{Builder, Runtime};

const PLAYABLE: &str = "0907065723240097";

enum Failure {
    Refused(Problem),
    Other(String),
}

type Outcome<Value> = Result<Value, Failure>;

impl Failure {
    fn describe(&self) -> String {
        match self {
            Failure::Refused(problem) => format!("{} {}", problem.status, problem.r#type),
            Failure::Other(text) => text.clone(),
        }
    }
}

fn other<E: std::fmt::Display>(error: E) -> Failure {
    Failure::Other(error.to_string())
}

/// The problem, with the type that is generated for it.
fn refuse<E>(error: Error<E>) -> Failure {
    match error {
        Error::ResponseError(response) => match serde_json::from_str(&response.content) {
            Ok(problem) => Failure::Refused(problem),
            Err(error) => other(error),
        },
        Error::Reqwest(error) => other(error),
        Error::Serde(error) => other(error),
        Error::Io(error) => other(error),
    }
}

fn setting(name: &str) -> String {
    env::var(name).unwrap_or_else(|_| panic!("{name} is not set"))
}

/// On one runtime, because the connections that a client keeps belong to it.
fn wait<Value>(work: impl Future<Output = Value>) -> Value {
    static RUNTIME: OnceLock<Runtime> = OnceLock::new();
    let build = || Builder::new_current_thread().enable_all().build().expect("a runtime");
    RUNTIME.get_or_init(build).block_on(work)
}

fn connect(credentials: &str) -> Configuration {
    let mut configuration = Configuration::new();
    configuration.base_path = setting("GATEWAY_URL");
    if let Some(token) = credentials.strip_prefix("Bearer ") {
        configuration.bearer_access_token = Some(token.to_owned());
    } else if let Some((user, password)) = credentials.split_once(':') {
        configuration.basic_auth = Some((user.to_owned(), Some(password.to_owned())));
    }
    configuration
}

fn list(client: &Configuration, limit: i32, cursor: Option<&str>) -> Outcome<RecordingList> {
    let (kind, limit) = (RecordingType::Findme, Some(limit));
    wait(recordings_api::list_recordings(
        client, kind, 1234, limit, cursor, None, None, None, None, None, None, None,
    ))
    .map_err(refuse)
}

/// None while the recording is being processed.
fn audio(client: &Configuration, sid: &str, format: AudioFormat) -> Outcome<Option<Vec<u8>>> {
    wait(async {
        let response = audio_api::get_recording_audio(
            client, sid, Some(format), None, None, None, None, None, None, None,
        )
        .await
        .map_err(refuse)?;
        if response.status() == 202 {
            return Ok(None);
        }
        Ok(Some(response.bytes().await.map_err(other)?.to_vec()))
    })
}

/// The generated code takes a 204 for a failure, because it has no JSON.
fn remove(client: &Configuration, sid: &str) -> Outcome<()> {
    match wait(recordings_api::delete_recording(client, sid, None)) {
        Ok(_) | Err(Error::Serde(_)) => Ok(()),
        Err(error) => Err(refuse(error)),
    }
}

fn upload_bytes(client: &Configuration, bytes: &[u8]) -> Outcome<i64> {
    let path = PathBuf::from("to-upload");
    fs::write(&path, bytes).map_err(other)?;
    let upload = wait(uploads_api::upload_audio(client, UploadType::Findme, path, Some(1234), None));
    upload.map(|upload| upload.content_length as i64).map_err(refuse)
}

fn equal<Value: PartialEq + std::fmt::Debug>(actual: Value, expected: Value) -> Outcome<()> {
    if actual == expected {
        return Ok(());
    }
    let text: String = format!("{actual:?} is not {expected:?}");
    Err(Failure::Other(text.chars().take(200).collect()))
}

fn walks(client: &Configuration) -> Outcome<()> {
    let first = list(client, 1, None)?;
    let second = list(client, 1, first.next_cursor.as_deref())?;
    let sids = [&first.recordings[0].sid[..], &second.recordings[0].sid[..]];
    equal(sids, ["0932654521723728", "123456789101112"])?;
    equal(second.next_cursor, None)
}

fn plays(client: &Configuration, format: AudioFormat, file: &str) -> Outcome<()> {
    equal(audio(client, PLAYABLE, format)?, Some(fs::read(setting(file)).map_err(other)?))
}

fn links(client: &Configuration) -> Outcome<()> {
    let link = wait(audio_api::create_audio_link(client, PLAYABLE, Some(AudioLinkRequest::new())));
    let url = link.map_err(refuse)?.url;
    let bytes = wait(async { reqwest::get(url).await?.bytes().await }).map_err(other)?;
    equal(bytes.to_vec(), fs::read(setting("WAV_FILE")).map_err(other)?)
}

fn uploads(client: &Configuration) -> Outcome<()> {
    let mut request = UploadRequest::new(UploadType::Findme, "/path/to/audio.wav".to_owned());
    request.id = Some(1234);
    let upload = wait(uploads_api::create_upload(client, request, None)).map_err(refuse)?;
    equal((upload.r#type, upload.id, &upload.path[..]), (UploadType::Findme, Some(1234), "/path/to/audio.wav"))
}

fn uploads_bytes(client: &Configuration) -> Outcome<()> {
    let bytes = fs::read(setting("MP3_FILE")).map_err(other)?;
    equal(upload_bytes(client, &bytes)?, bytes.len() as i64)
}

fn tokens(client: &Configuration) -> Outcome<()> {
    let scope = Some("recordings:read");
    let token = wait(access_api::issue_token(client, "client_credentials", scope, None, None, None, None));
    let access_token = token.map_err(refuse)?.access_token;
    equal(list(&connect(&format!("Bearer {access_token}")), 1, None)?.recordings.len(), 1)
}

fn deletes(client: &Configuration) -> Outcome<()> {
    remove(client, PLAYABLE)?;
    refused(audio(client, PLAYABLE, AudioFormat::Wav), 404, "recording-not-found")
}

fn refused<Value>(outcome: Outcome<Value>, status: i32, slug: &str) -> Outcome<()> {
    match outcome {
        Err(Failure::Refused(problem)) => {
            equal((problem.status, problem.r#type), (status, format!("/problems/{slug}")))
        }
        Err(failure) => Err(failure),
        Ok(_) => Err(Failure::Other("was not refused".to_owned())),
    }
}

fn perform(client: &Configuration, call: &str, argument: &str) -> Outcome<()> {
    match call {
        "list" => list(client, argument.parse().map_err(other)?, None).map(|_| ()),
        "audio" => audio(client, argument, AudioFormat::Wav).map(|_| ()),
        "delete" => remove(client, argument),
        "upload-bytes" => upload_bytes(client, argument.as_bytes()).map(|_| ()),
        _ => Err(Failure::Other(format!("{call} is not known"))),
    }
}

fn order(method: Method, fault: &str) {
    let url = format!("{}/_emulator/fault", setting("EMULATOR_URL"));
    let request = reqwest::Client::new().request(method, url).body(fault.to_owned());
    wait(request.send()).expect("the emulator");
}

fn scenario(name: &str, outcome: Outcome<()>) {
    match outcome {
        Ok(()) => println!("ok {name}"),
        Err(failure) => println!("not ok {name}\t{}", failure.describe().replace('\n', " ")),
    }
}

fn main() {
    let client = connect("foofoofoo:foobarfoo");
    scenario("walks a list by its pages", walks(&client));
    scenario("gets WAV, byte for byte", plays(&client, AudioFormat::Wav, "WAV_FILE"));
    scenario("gets MP3, byte for byte", plays(&client, AudioFormat::Mp3, "MP3_FILE"));
    let processing = audio(&client, "0907065723240203", AudioFormat::Wav);
    scenario("tells processing from audio", processing.and_then(|bytes| equal(bytes, None)));
    scenario("makes a link that plays without credentials", links(&client));
    scenario("uploads from a path", uploads(&client));
    scenario("uploads bytes", uploads_bytes(&client));
    scenario("gets a token and acts with it", tokens(&client));
    for row in fs::read_to_string(setting("REFUSALS")).expect("the table").lines() {
        let cells: Vec<&str> = row.split('\t').collect();
        let [name, slug, status, call, argument, credentials, fault] = cells[..] else {
            panic!("{row} is not a row");
        };
        if !fault.is_empty() {
            order(Method::PUT, fault);
        }
        let outcome = perform(&connect(credentials), call, argument);
        scenario(name, refused(outcome, status.parse().expect("a status"), slug));
        order(Method::DELETE, "");
    }
    scenario("deletes", deletes(&client));
}
