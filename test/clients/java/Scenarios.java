// Puts the Java client of openapi-generator through the scenarios.
import java.io.File;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.List;
import recordings.ApiClient;
import recordings.ApiException;
import recordings.ApiResponse;
import recordings.JSON;
import recordings.api.AccessApi;
import recordings.api.AudioApi;
import recordings.api.RecordingsApi;
import recordings.api.UploadsApi;
import recordings.model.AudioFormat;
import recordings.model.AudioLinkRequest;
import recordings.model.Problem;
import recordings.model.RecordingList;
import recordings.model.RecordingType;
import recordings.model.Upload;
import recordings.model.UploadRequest;
import recordings.model.UploadType;

public final class Scenarios {
  private static final String PLAYABLE = "0907065723240097";

  private interface Act {
    void run() throws Exception;
  }

  private static ApiClient connect(String credentials) {
    ApiClient client = new ApiClient().setBasePath(env("GATEWAY_URL"));
    if (credentials.startsWith("Bearer ")) {
      client.setBearerToken(credentials.substring("Bearer ".length()));
    } else if (!credentials.isEmpty()) {
      String[] parts = credentials.split(":", 2);
      client.setUsername(parts[0]);
      client.setPassword(parts[1]);
    }
    return client;
  }

  private static RecordingList list(ApiClient client, int limit, String cursor) throws ApiException {
    return new RecordingsApi(client).listRecordings(RecordingType.FINDME, 1234L, limit, cursor, null, null, null, null, null, null, null);
  }

  /** Null where the recording is still being processed. */
  private static File audio(ApiClient client, String sid, AudioFormat format) throws ApiException {
    ApiResponse<File> answer =
        new AudioApi(client).getRecordingAudioWithHttpInfo(sid, format, null, null, null, null, null, null, null);
    return answer.getStatusCode() == 202 ? null : answer.getData();
  }

  private static long uploadBytes(ApiClient client, File file) throws ApiException {
    return new UploadsApi(client).uploadAudio(UploadType.FINDME, file, 1234L, null).getContentLength();
  }

  private static void perform(ApiClient client, String call, String argument) throws Exception {
    switch (call) {
      case "list" -> list(client, Integer.parseInt(argument), null);
      case "audio" -> audio(client, argument, AudioFormat.WAV);
      case "delete" -> new RecordingsApi(client).deleteRecording(argument, null);
      default -> {
        Path file = Files.createTempFile("upload", ".wav");
        uploadBytes(client, Files.writeString(file, argument).toFile());
      }
    }
  }

  private static void refused(int status, String slug, Act act) throws Exception {
    try {
      act.run();
    } catch (ApiException error) {
      Problem problem = JSON.getGson().fromJson(error.getResponseBody(), Problem.class);
      equal(problem.getStatus() + " " + problem.getType(), status + " /problems/" + slug);
      return;
    }
    throw new IllegalStateException("was not refused");
  }

  private static void order(String method, String fault) throws Exception {
    URI uri = URI.create(env("EMULATOR_URL") + "/_emulator/fault");
    HttpURLConnection connection = (HttpURLConnection) uri.toURL().openConnection();
    connection.setRequestMethod(method);
    if (!fault.isEmpty()) {
      connection.setDoOutput(true);
      connection.getOutputStream().write(fault.getBytes());
    }
    connection.getResponseCode();
  }

  private static String sha256(byte[] bytes) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
  }

  private static void equal(Object actual, Object expected) {
    if (!actual.equals(expected)) throw new IllegalStateException(actual + " is not " + expected);
  }

  private static void scenario(String name, Act act) {
    try {
      act.run();
      System.out.println("ok " + name);
    } catch (Exception error) {
      System.out.println("not ok " + name + "\t" + error.toString().lines().findFirst().orElse(""));
    }
  }

  private static String env(String name) {
    return System.getenv(name);
  }

  public static void main(String[] arguments) throws Exception {
    ApiClient client = connect("foofoofoo:foobarfoo");
    scenario("walks a list by its pages", () -> {
      RecordingList first = list(client, 1, null);
      RecordingList second = list(client, 1, first.getNextCursor());
      equal(first.getRecordings().get(0).getSid(), "0932654521723728");
      equal(second.getRecordings().get(0).getSid(), "123456789101112");
      if (second.getNextCursor() != null) throw new IllegalStateException("there is another page");
    });
    scenario("gets WAV, byte for byte", () ->
        equal(sha256(Files.readAllBytes(audio(client, PLAYABLE, AudioFormat.WAV).toPath())), env("WAV_SHA256")));
    scenario("gets MP3, byte for byte", () ->
        equal(sha256(Files.readAllBytes(audio(client, PLAYABLE, AudioFormat.MP3).toPath())), env("MP3_SHA256")));
    scenario("tells processing from audio", () -> {
      if (audio(client, "0907065723240203", AudioFormat.WAV) != null) throw new IllegalStateException("is audio");
    });
    scenario("makes a link that plays without credentials", () -> {
      URI link = URI.create(new AudioApi(client).createAudioLink(PLAYABLE, new AudioLinkRequest()).getUrl());
      equal(sha256(link.toURL().openStream().readAllBytes()), env("WAV_SHA256"));
    });
    scenario("uploads from a path", () -> {
      UploadRequest upload = new UploadRequest().type(UploadType.FINDME).id(1234L).path("/path/to/audio.wav");
      Upload taken = new Upload().type(UploadType.FINDME).id(1234L).path("/path/to/audio.wav");
      equal(new UploadsApi(client).createUpload(upload, null), taken);
    });
    scenario("uploads bytes", () -> {
      File file = new File(env("WAV_FILE"));
      equal(uploadBytes(client, file), file.length());
    });
    scenario("gets a token and acts with it", () -> {
      String token = new AccessApi(client)
          .issueToken("client_credentials", "recordings:read", null, null, null, null)
          .getAccessToken();
      equal(list(connect("Bearer " + token), 1, null).getRecordings().size(), 1);
    });
    for (String line : Files.readAllLines(Path.of(env("REFUSALS")))) {
      List<String> cells = List.of(line.split("\t", -1));
      if (!cells.get(6).isEmpty()) order("PUT", cells.get(6));
      scenario(cells.get(0), () ->
          refused(Integer.parseInt(cells.get(2)), cells.get(1), () ->
              perform(connect(cells.get(5)), cells.get(3), cells.get(4))));
      order("DELETE", "");
    }
    scenario("deletes", () -> {
      new RecordingsApi(client).deleteRecording(PLAYABLE, null);
      refused(404, "recording-not-found", () -> audio(client, PLAYABLE, AudioFormat.WAV));
    });
    // OkHttp's idle threads would keep the process.
    System.exit(0);
  }
}
