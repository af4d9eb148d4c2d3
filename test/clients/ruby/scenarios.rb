# Puts the Ruby client of openapi-generator through the scenarios.
$LOAD_PATH.unshift(File.expand_path('lib', __dir__))
require 'digest'
require 'json'
require 'net/http'
require 'recordings'

PLAYABLE = '0907065723240097'.freeze

class Refused < StandardError
  attr_reader :problem

  def initialize(problem)
    super("#{problem['status']} #{problem['type']}")
    @problem = problem
  end
end

# The names of the schemes that a client has credentials for: the generated code sends all, and the last one counts.
SCHEMES = {}.compare_by_identity

def auth(client, options = {})
  options.merge(debug_auth_names: SCHEMES[client])
end

def connect(credentials)
  client = build(credentials)
  SCHEMES[client] = credentials.empty? ? [] : [credentials.start_with?('Bearer ') ? 'bearer' : 'basic']
  client
end

def build(credentials)
  url = URI(ENV['GATEWAY_URL'])
  Recordings::ApiClient.new(Recordings::Configuration.new do |config|
    config.scheme = url.scheme
    config.host = "#{url.host}:#{url.port}"
    config.server_index = nil
    config.logger = Logger.new(IO::NULL)
    # The gateway is to refuse what is wrong.
    config.client_side_validation = false
    if credentials.start_with?('Bearer ')
      config.access_token = credentials.delete_prefix('Bearer ')
    elsif !credentials.empty?
      config.username, config.password = credentials.split(':', 2)
    end
  end)
end

def call
  yield
rescue Recordings::ApiError => e
  raise Refused, JSON.parse(e.response_body)
end

def list(client, limit, cursor = nil)
  call { Recordings::RecordingsApi.new(client).list_recordings('findme', 1234, auth(client, { limit: limit, cursor: cursor }.compact)) }
end

# The status and the bytes.
def audio(client, sid, format = 'wav')
  # As a string: into a file, the client writes problems as well, and loses them.
  options = auth(client, format: format, debug_return_type: 'String')
  bytes, status = call { Recordings::AudioApi.new(client).get_recording_audio_with_http_info(sid, options) }
  [status, bytes]
end

def delete(client, sid)
  call { Recordings::RecordingsApi.new(client).delete_recording(sid, auth(client)) }
end

def upload_bytes(client, bytes)
  # The client labels every upload as audio/wav, the first media type.
  options = auth(client, id: 1234, debug_body: bytes)
  call { Recordings::UploadsApi.new(client).upload_audio('findme', bytes, options) }.content_length
end

def perform(client, name, argument)
  case name
  when 'list' then list(client, argument.to_i)
  when 'audio' then audio(client, argument)
  when 'delete' then delete(client, argument)
  else upload_bytes(client, argument)
  end
end

def refused(status, slug)
  yield
  raise 'was not refused'
rescue Refused => e
  equal([e.problem['status'], e.problem['type']], [status, "/problems/#{slug}"])
end

def order(method, fault = nil)
  url = URI("#{ENV['EMULATOR_URL']}/_emulator/fault")
  Net::HTTP.start(url.host, url.port) { |http| http.send_request(method, url.path, fault) }
end

def equal(actual, expected)
  raise "#{actual} is not #{expected}" unless actual == expected
end

def scenario(name)
  yield
  puts "ok #{name}"
rescue StandardError => e
  puts "not ok #{name}\t#{e.class} #{e.message.lines.first}"
end

client = connect('foofoofoo:foobarfoo')
scenario('walks a list by its pages') do
  first = list(client, 1)
  second = list(client, 1, first.next_cursor)
  equal((first.recordings + second.recordings).map(&:sid), %w[0932654521723728 123456789101112])
  equal(second.next_cursor, nil)
end
%w[wav mp3].each do |format|
  scenario("gets #{format.upcase}, byte for byte") do
    equal(Digest::SHA256.hexdigest(audio(client, PLAYABLE, format)[1]), ENV["#{format.upcase}_SHA256"])
  end
end
scenario('tells processing from audio') { equal(audio(client, '0907065723240203')[0], 202) }
scenario('makes a link that plays without credentials') do
  link = call { Recordings::AudioApi.new(client).create_audio_link(PLAYABLE, auth(client, audio_link_request: Recordings::AudioLinkRequest.new)) }
  equal(Digest::SHA256.hexdigest(Net::HTTP.get(URI(link.url))), ENV['WAV_SHA256'])
end
scenario('uploads from a path') do
  request = Recordings::UploadRequest.new(type: 'findme', id: 1234, path: '/path/to/audio.wav')
  equal(call { Recordings::UploadsApi.new(client).create_upload(request, auth(client)) }.to_hash, request.to_hash)
end
scenario('uploads bytes') do
  bytes = File.binread(ENV['WAV_FILE'])
  equal(upload_bytes(client, bytes), bytes.bytesize)
end
scenario('gets a token and acts with it') do
  token = call { Recordings::AccessApi.new(client).issue_token('client_credentials', auth(client, scope: 'recordings:read')) }
  equal(list(connect("Bearer #{token.access_token}"), 1).recordings.length, 1)
end
File.readlines(ENV['REFUSALS'], chomp: true).each do |line|
  name, slug, status, act, argument, credentials, fault = line.split("\t", -1)
  order('PUT', fault) unless fault.empty?
  scenario(name) { refused(status.to_i, slug) { perform(connect(credentials), act, argument) } }
  order('DELETE')
end
scenario('deletes') do
  delete(client, PLAYABLE)
  refused(404, 'recording-not-found') { audio(client, PLAYABLE) }
end
