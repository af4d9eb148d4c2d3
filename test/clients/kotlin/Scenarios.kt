// Puts the Kotlin client of openapi-generator through the scenarios.
import java.io.File
import java.net.HttpURLConnection
import java.net.URI
import java.security.MessageDigest
import okhttp3.OkHttpClient
import okhttp3.RequestBody.Companion.asRequestBody
import okhttp3.MediaType.Companion.toMediaType
import recordings.apis.AccessApi
import recordings.apis.AudioApi
import recordings.apis.RecordingsApi
import recordings.apis.UploadsApi
import recordings.infrastructure.ApiClient
import recordings.infrastructure.ApiResponse
import recordings.infrastructure.ClientError
import recordings.infrastructure.Serializer
import recordings.infrastructure.ServerError
import recordings.infrastructure.Success
import recordings.models.AudioFormat
import recordings.models.AudioLinkRequest
import recordings.models.Problem
import recordings.models.RecordingList
import recordings.models.RecordingType
import recordings.models.Upload
import recordings.models.UploadRequest
import recordings.models.UploadType

const val PLAYABLE = "0907065723240097"

fun env(name: String): String = System.getenv(name) ?: ""

val url = env("GATEWAY_URL")

class Refused(val problem: Problem) : Exception("${problem.status} ${problem.type}")

/** The generated client keeps the credentials of all its calls in one place. */
fun connect(credentials: String) {
    val isBasic = credentials.contains(":")
    ApiClient.username = if (isBasic) credentials.substringBefore(":") else null
    ApiClient.password = if (isBasic) credentials.substringAfter(":") else null
    ApiClient.accessToken = if (credentials.startsWith("Bearer ")) credentials.removePrefix("Bearer ") else null
}

fun <Data> unwrap(answer: ApiResponse<Data>): Success<Data> = when (answer) {
    is Success<Data> -> answer
    is ClientError<Data> -> throw Refused(toProblem(answer.body))
    is ServerError<Data> -> throw Refused(toProblem(answer.body))
    else -> throw IllegalStateException("neither data nor a problem")
}

fun toProblem(body: Any?): Problem =
    Serializer.moshi.adapter(Problem::class.java).fromJson(body.toString()) ?: error("no problem")

fun list(limit: Int, cursor: String? = null): RecordingList =
    unwrap(RecordingsApi(url).listRecordingsWithHttpInfo(RecordingType.findme, 1234, limit, cursor, null, null, null, null, null, null, null)).data!!

/** Null where the recording is still being processed. */
fun audio(sid: String, format: AudioFormat = AudioFormat.wav): File? {
    val answer = unwrap(AudioApi(url).getRecordingAudioWithHttpInfo(sid, format, null, null, null, null, null, null, null))
    return if (answer.statusCode == 202) null else answer.data
}

fun delete(sid: String) = unwrap(RecordingsApi(url).deleteRecordingWithHttpInfo(sid, true))

fun uploadBytes(file: File): Long {
    // The generated client sends every file as JSON; the interceptor says what it is.
    val client = OkHttpClient.Builder().addInterceptor { chain ->
        val body = file.asRequestBody("audio/mpeg".toMediaType())
        chain.proceed(chain.request().newBuilder().post(body).build())
    }.build()
    val answer = UploadsApi(url, client).uploadAudioWithHttpInfo(UploadType.findme, file, 1234, null)
    return unwrap(answer).data!!.contentLength
}

fun sha256(bytes: ByteArray): String =
    MessageDigest.getInstance("SHA-256").digest(bytes).joinToString("") { "%02x".format(it) }

fun equal(actual: Any?, expected: Any?) {
    if (actual != expected) throw IllegalStateException("$actual is not $expected")
}

fun refused(status: Int, slug: String, act: () -> Unit) {
    val problem = try {
        act()
        throw IllegalStateException("was not refused")
    } catch (refusal: Refused) {
        refusal.problem
    }
    equal("${problem.status} ${problem.type}", "$status /problems/$slug")
}

fun perform(call: String, argument: String) {
    when (call) {
        "list" -> list(argument.toInt())
        "audio" -> audio(argument)
        "delete" -> delete(argument)
        else -> uploadBytes(File.createTempFile("upload", ".mp3").apply { writeText(argument) })
    }
}

fun order(method: String, fault: String) {
    val connection = URI("${env("EMULATOR_URL")}/_emulator/fault").toURL().openConnection() as HttpURLConnection
    connection.requestMethod = method
    if (fault.isNotEmpty()) {
        connection.doOutput = true
        connection.outputStream.use { it.write(fault.toByteArray()) }
    }
    connection.responseCode
}

fun scenario(name: String, act: () -> Unit) {
    try {
        act()
        println("ok $name")
    } catch (error: Throwable) {
        println("not ok $name\t${error.toString().lines().first()}")
    }
}

fun main() {
    val own = "foofoofoo:foobarfoo"
    connect(own)
    scenario("walks a list by its pages") {
        val first = list(1)
        val second = list(1, first.nextCursor)
        equal((first.recordings + second.recordings).map { it.sid }, listOf("0932654521723728", "123456789101112"))
        equal(second.nextCursor, null)
    }
    scenario("gets WAV, byte for byte") { equal(sha256(audio(PLAYABLE)!!.readBytes()), env("WAV_SHA256")) }
    scenario("gets MP3, byte for byte") {
        equal(sha256(audio(PLAYABLE, AudioFormat.mp3)!!.readBytes()), env("MP3_SHA256"))
    }
    scenario("tells processing from audio") { equal(audio("0907065723240203"), null) }
    scenario("makes a link that plays without credentials") {
        val link = unwrap(AudioApi(url).createAudioLinkWithHttpInfo(PLAYABLE, AudioLinkRequest())).data!!
        equal(sha256(URI(link.url.toString()).toURL().readBytes()), env("WAV_SHA256"))
    }
    scenario("uploads from a path") {
        val upload = UploadRequest(type = UploadType.findme, path = "/path/to/audio.wav", id = 1234)
        val taken = Upload(type = UploadType.findme, path = "/path/to/audio.wav", id = 1234)
        equal(unwrap(UploadsApi(url).createUploadWithHttpInfo(upload, null)).data, taken)
    }
    scenario("uploads bytes") {
        val file = File(env("MP3_FILE"))
        equal(uploadBytes(file), file.length())
    }
    scenario("gets a token and acts with it") {
        val answer = AccessApi(url).issueTokenWithHttpInfo("client_credentials", "recordings:read", null, null, null, null)
        connect("Bearer ${unwrap(answer).data!!.accessToken}")
        equal(list(1).recordings.size, 1)
    }
    for (line in File(env("REFUSALS")).readLines()) {
        val (name, slug, status, call, argument) = line.split("\t")
        val (credentials, fault) = line.split("\t").drop(5)
        connect(credentials)
        if (fault.isNotEmpty()) order("PUT", fault)
        scenario(name) { refused(status.toInt(), slug) { perform(call, argument) } }
        order("DELETE", "")
    }
    connect(own)
    scenario("deletes") {
        delete(PLAYABLE)
        refused(404, "recording-not-found") { audio(PLAYABLE) }
    }
    // OkHttp's idle threads would keep the process.
    System.exit(0)
}
