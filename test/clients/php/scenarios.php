<?php
// Puts the PHP client of openapi-generator through the scenarios.
require 'GuzzleHttp/autoload.php';
spl_autoload_register(function (string $class): void {
    $file = __DIR__ . '/lib/' . str_replace('\\', '/', preg_replace('/^Recordings\\\\/', '', $class)) . '.php';
    if (is_file($file)) require $file;
});

use Recordings\Api\{AccessApi, AudioApi, RecordingsApi, UploadsApi};
use Recordings\{ApiException, Configuration};
use Recordings\Model\{AudioLinkRequest, UploadRequest};

const PLAYABLE = '0907065723240097';

final class Refused extends Exception
{
    public function __construct(public readonly object $problem)
    {
        parent::__construct("{$problem->status} {$problem->type}");
    }
}

function connect(string $credentials): Configuration
{
    $configuration = (new Configuration())->setHost(getenv('GATEWAY_URL'));
    if (str_starts_with($credentials, 'Bearer ')) return $configuration->setAccessToken(substr($credentials, 7));
    if ($credentials === '') return $configuration;
    [$user, $password] = explode(':', $credentials, 2);
    return $configuration->setUsername($user)->setPassword($password);
}

function api(string $class, Configuration $configuration): object
{
    return new $class(new GuzzleHttp\Client(), $configuration);
}

function call(callable $act): mixed
{
    try {
        return $act();
    } catch (ApiException $error) {
        // The generated code looks for JSON in a response without a body.
        if ($error->getCode() === 204) return null;
        throw new Refused(json_decode((string) $error->getResponseBody()));
    }
}

function list_page(Configuration $client, int $limit, ?string $cursor = null): object
{
    return call(fn () => api(RecordingsApi::class, $client)->listRecordings(...['type' => 'findme', 'id' => 1234, 'limit' => $limit, 'cursor' => $cursor]));
}

/** The status and the bytes. */
function audio(Configuration $client, string $sid, string $format = 'wav'): array
{
    [$data, $status] = call(fn () => api(AudioApi::class, $client)->getRecordingAudioWithHttpInfo($sid, $format));
    return [$status, $data instanceof SplFileObject ? file_get_contents($data->getRealPath()) : null];
}

function delete(Configuration $client, string $sid): void
{
    call(fn () => api(RecordingsApi::class, $client)->deleteRecordingWithHttpInfo($sid));
}

function upload_bytes(Configuration $client, string $bytes): int
{
    $file = tempnam(sys_get_temp_dir(), 'upload');
    file_put_contents($file, $bytes);
    $arguments = ['type' => 'findme', 'body' => new SplFileObject($file), 'id' => 1234, 'contentType' => 'audio/mpeg'];
    return call(fn () => api(UploadsApi::class, $client)->uploadAudio(...$arguments))->getContentLength();
}

function perform(Configuration $client, string $name, string $argument): mixed
{
    return match ($name) {
        // The generated code refuses a wrong limit itself, and accepts any cursor.
        'list' => $argument === '0' ? list_page($client, 1, 'a.' . str_repeat('a', 43)) : list_page($client, (int) $argument),
        'audio' => audio($client, $argument),
        'delete' => delete($client, $argument),
        default => upload_bytes($client, $argument),
    };
}

function refused(int $status, string $slug, callable $act): void
{
    try {
        $act();
    } catch (Refused $refusal) {
        equal([$refusal->problem->status, $refusal->problem->type], [$status, "/problems/$slug"]);
        return;
    }
    throw new RuntimeException('was not refused');
}

function order(string $method, string $fault = ''): void
{
    (new GuzzleHttp\Client())->request($method, getenv('EMULATOR_URL') . '/_emulator/fault', ['body' => $fault]);
}

function equal(mixed $actual, mixed $expected): void
{
    if ($actual !== $expected) throw new RuntimeException(json_encode($actual) . ' is not ' . json_encode($expected));
}

function scenario(string $name, callable $act): void
{
    try {
        $act();
        echo "ok $name\n";
    } catch (Throwable $error) {
        echo "not ok $name\t", get_class($error), ' ', strtok($error->getMessage(), "\n"), "\n";
    }
}

$client = connect('foofoofoo:foobarfoo');
scenario('walks a list by its pages', function () use ($client) {
    $first = list_page($client, 1);
    $second = list_page($client, 1, $first->getNextCursor());
    $sids = array_map(fn ($recording) => $recording->getSid(), [...$first->getRecordings(), ...$second->getRecordings()]);
    equal($sids, ['0932654521723728', '123456789101112']);
    equal($second->getNextCursor(), null);
});
foreach (['wav', 'mp3'] as $format) {
    $name = strtoupper($format);
    scenario("gets $name, byte for byte", fn () => equal(hash('sha256', audio($client, PLAYABLE, $format)[1]), getenv("{$name}_SHA256")));
}
scenario('tells processing from audio', fn () => equal(audio($client, '0907065723240203')[0], 202));
scenario('makes a link that plays without credentials', function () use ($client) {
    $link = call(fn () => api(AudioApi::class, $client)->createAudioLink(PLAYABLE, new AudioLinkRequest()));
    equal(hash('sha256', file_get_contents($link->getUrl())), getenv('WAV_SHA256'));
});
scenario('uploads from a path', function () use ($client) {
    $request = new UploadRequest(['type' => 'findme', 'id' => 1234, 'path' => '/path/to/audio.wav']);
    $upload = call(fn () => api(UploadsApi::class, $client)->createUpload($request));
    equal([$upload->getType(), $upload->getId(), $upload->getPath()], [$request->getType(), 1234, $request->getPath()]);
});
scenario('uploads bytes', function () use ($client) {
    $bytes = file_get_contents(getenv('MP3_FILE'));
    equal(upload_bytes($client, $bytes), strlen($bytes));
});
scenario('gets a token and acts with it', function () use ($client) {
    $token = call(fn () => api(AccessApi::class, $client)->issueToken('client_credentials', 'recordings:read'));
    equal(count(list_page(connect("Bearer {$token->getAccessToken()}"), 1)->getRecordings()), 1);
});
foreach (file(getenv('REFUSALS'), FILE_IGNORE_NEW_LINES) as $line) {
    [$name, $slug, $status, $act, $argument, $credentials, $fault] = explode("\t", $line);
    if ($fault !== '') order('PUT', $fault);
    scenario($name, fn () => refused((int) $status, $slug, fn () => perform(connect($credentials), $act, $argument)));
    order('DELETE');
}
scenario('deletes', function () use ($client) {
    delete($client, PLAYABLE);
    refused(404, 'recording-not-found', fn () => audio($client, PLAYABLE));
});
