# frozen_string_literal: true

# Facts about Switchboard as the gem stomp sees them over TCP: ruby facts.rb PORT
#
# Prints "ok NAME" for each; ends with status 1 at the first that does not hold.
require 'stomp'
require 'timeout'

PORT = Integer(ARGV.fetch(0))
VERSIONS = %w[1.0 1.1 1.2].freeze

def check(holds, saw)
  raise "saw #{saw.inspect}" unless holds
end

# A connection that reads one frame at a time.
def connect(version = '1.2', headers = {})
  Stomp::Connection.open(
    hosts: [{ login: 'rb', passcode: 'secret', host: '127.0.0.1', port: PORT }],
    reliable: false,
    connect_headers: { 'accept-version': version, host: 'localhost' }.merge(headers)
  )
end

def frame(connection, command)
  came = Timeout.timeout(20) { connection.receive }
  check(came && came.command == command, came)
  came
end

def receipt(connection, id)
  came = frame(connection, 'RECEIPT')
  check(came.headers['receipt-id'] == id, came)
end

def leave(connection)
  connection.disconnect(receipt: 'bye')
  check(connection.disconnect_receipt.headers['receipt-id'] == 'bye', connection.disconnect_receipt)
end

# A consumer of a queue that holds the given messages, and what it got.
def consume(queue, *bodies, version: '1.2', ack: 'client')
  connection = connect(version)
  bodies.each do |body|
    connection.publish(queue, body, receipt: body)
    receipt(connection, body)
  end
  connection.subscribe(queue, { id: '1', ack: ack })
  messages = bodies.map { frame(connection, 'MESSAGE') }
  check(messages.map(&:body) == bodies, messages)
  [connection, messages]
end

# The words of an ACK or NACK, which differ with the version.
def settle(connection, say, message, headers = {})
  if connection.protocol == '1.2'
    connection.send(say, message.headers['ack'], { receipt: 'settled' }.merge(headers))
  else
    connection.send(say, message.headers['message-id'], { receipt: 'settled', subscription: '1' }.merge(headers))
  end
  receipt(connection, 'settled')
end

# What waits in a queue.
def rest_of(queue)
  connection = connect
  connection.publish(queue, 'the end', receipt: 's')
  receipt(connection, 's')
  connection.subscribe(queue, { id: 'rest' })
  rest = []
  until (message = frame(connection, 'MESSAGE')).body == 'the end'
    rest << message.body
  end
  leave(connection)
  rest
end

FACTS = {
  'every version connects and carries a message' => lambda do
    VERSIONS.each do |version|
      connection = connect(version)
      check(connection.protocol == version, connection.protocol)
      check(connection.connection_frame.headers['user-name'] == 'rb', connection.connection_frame)
      connection.subscribe("/topic/rb.#{version}", { id: '1', receipt: 's' })
      receipt(connection, 's')
      connection.publish("/topic/rb.#{version}", 'grüß dich', colour: 'blue')
      message = frame(connection, 'MESSAGE')
      check(message.body.b == 'grüß dich'.b && message.headers['colour'] == 'blue', message)
      leave(connection)
    end
  end,

  'every version has every ack mode' => lambda do
    VERSIONS.product(%w[auto client client-individual]).each do |version, ack|
      queue = "/queue/rb.#{version}.#{ack}"
      connection, messages = consume(queue, '1', '2', version: version, ack: ack)
      messages.each { |message| settle(connection, :ack, message) } unless ack == 'auto'
      leave(connection)
      check(rest_of(queue).empty?, queue)
    end
  end,

  'ack client takes all before it, client-individual itself alone' => lambda do
    { 'client' => %w[3], 'client-individual' => %w[1 3] }.each do |ack, rest|
      queue = "/queue/rb.one.#{ack}"
      connection, messages = consume(queue, '1', '2', '3', ack: ack)
      settle(connection, :ack, messages[1])
      leave(connection)
      found = rest_of(queue)
      check(found == rest, found)
    end
  end,

  'nack brings it again' => lambda do
    %w[1.1 1.2].each do |version|
      queue = "/queue/rb.nack.#{version}"
      connection, messages = consume(queue, 'x', version: version)
      connection.nack(messages[0].headers[version == '1.2' ? 'ack' : 'message-id'], { subscription: '1' })
      again = frame(connection, 'MESSAGE')
      check(again.body == 'x' && again.headers['redelivered'] == 'true', again)
      settle(connection, :ack, again)
      leave(connection)
      check(rest_of(queue).empty?, queue)
    end
  end,

  'a commit does all of a transaction' => lambda do
    connection, messages = consume('/queue/rb.commit', 'in')
    connection.begin('t', receipt: 'b')
    receipt(connection, 'b')
    connection.publish('/queue/rb.out', 'out', transaction: 't', receipt: 'p')
    receipt(connection, 'p')
    settle(connection, :ack, messages[0], transaction: 't')
    connection.commit('t', receipt: 'c')
    receipt(connection, 'c')
    leave(connection)
    check(rest_of('/queue/rb.commit').empty?, 'a message that was acknowledged')
    found = rest_of('/queue/rb.out')
    check(found == %w[out], found)
  end,

  'an abort does nothing of it' => lambda do
    connection, messages = consume('/queue/rb.abort', 'in')
    connection.begin('t')
    connection.publish('/queue/rb.abort', 'never', transaction: 't')
    settle(connection, :ack, messages[0], transaction: 't')
    connection.abort('t', receipt: 'a')
    receipt(connection, 'a')
    leave(connection)
    found = rest_of('/queue/rb.abort')
    check(found == %w[in], found)
  end,

  'unreceive sends a message to the end of its queue' => lambda do
    connection = connect('1.0')
    connection.subscribe('/queue/rb.unreceive', { id: '1', ack: 'client' })
    connection.publish('/queue/rb.unreceive', 'x')
    connection.unreceive(frame(connection, 'MESSAGE'), { force_client_ack: true })
    again = frame(connection, 'MESSAGE')
    check(again.body == 'x' && again.headers['retry_count'] == '1', again)
    settle(connection, :ack, again)
    leave(connection)
    check(rest_of('/queue/rb.unreceive').empty?, 'a message that was acknowledged')
  end,

  'the client with callbacks gets messages and receipts' => lambda do
    client = Stomp::Client.new(
      hosts: [{ login: 'rb', passcode: 'secret', host: '127.0.0.1', port: PORT }],
      reliable: false,
      connect_headers: { 'accept-version': '1.2', host: 'localhost' }
    )
    came = Queue.new
    client.subscribe('/queue/rb.client', { ack: 'client-individual' }) { |message| came << message }
    client.publish('/queue/rb.client', 'x') { |answer| came << answer }
    both = Timeout.timeout(20) { [came.pop, came.pop] }
    check(both.map(&:command).sort == %w[MESSAGE RECEIPT], both)
    client.ack(both.find { |each| each.command == 'MESSAGE' }) { |answer| came << answer }
    check(Timeout.timeout(20) { came.pop }.command == 'RECEIPT', 'no RECEIPT of ACK')
    client.close
    check(rest_of('/queue/rb.client').empty?, 'a message that was acknowledged')
  end,

  'heart-beats go both ways' => lambda do
    connection = connect('1.2', 'heart-beat': '1000,1000')
    counts = -> { [connection.hbsend_count, connection.hbrecv_count] }
    Timeout.timeout(20) { sleep 0.02 until counts.call.all?(&:positive?) }
    connection.subscribe('/topic/rb.beats', { id: '1', receipt: 's' })
    receipt(connection, 's')
    leave(connection)
  end,

  'CRLF, the command STOMP and escapes of 1.2 are understood' => lambda do
    connection = Stomp::Connection.open(
      hosts: [{ login: 'rb', passcode: 'secret', host: '127.0.0.1', port: PORT }],
      reliable: false, stompconn: true, usecrlf: true,
      connect_headers: { 'accept-version': '1.2', host: 'localhost' }
    )
    connection.subscribe('/topic/rb.odd', { id: '1', receipt: 's' })
    receipt(connection, 's')
    connection.publish('/topic/rb.odd', '', odd: "a:b\nc\\d")
    message = frame(connection, 'MESSAGE')
    check(message.headers['odd'] == "a:b\nc\\d", message)
    leave(connection)
  end,

  'an error says what was wrong' => lambda do
    connection = connect
    connection.publish('/nowhere', 'x', receipt: 'r')
    error = frame(connection, 'ERROR')
    check(error.headers['message'] == 'bad destination' && error.headers['receipt-id'] == 'r', error)
  end
}.freeze

FACTS.each do |name, fact|
  fact.call
  puts "ok #{name}"
rescue StandardError => e
  puts "not ok #{name}", e.full_message(highlight: false)
  exit 1
end
