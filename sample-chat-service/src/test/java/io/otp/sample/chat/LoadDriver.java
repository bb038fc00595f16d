package io.otp.sample.chat;

import io.netty.bootstrap.Bootstrap;
import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.SocketChannel;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http.EmptyHttpHeaders;
import io.netty.handler.codec.http.HttpClientCodec;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.websocketx.CloseWebSocketFrame;
import io.netty.handler.codec.http.websocketx.TextWebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolConfig;
import io.netty.handler.codec.http.websocketx.WebSocketClientProtocolHandler;
import io.netty.handler.codec.http.websocketx.WebSocketFrame;
import io.netty.handler.codec.http.websocketx.WebSocketVersion;
import java.io.IOException;
import java.net.HttpURLConnection;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.LongAdder;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Starts the service as a process of its own, fills it with clients that talk, and measures; see
 * {@code load.sh}. Clients and service share the machine, so the figures are those of both.
 */
final class LoadDriver {

  private static final Path LOG = Path.of("target", "load-service.log").toAbsolutePath();
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  private static final Duration PATIENCE = Duration.ofMinutes(3);
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();
  private static final int CONNECTING_AT_ONCE = 200;
  private static final byte[] MESSAGE = "{\"type\":\"message\"".getBytes(StandardCharsets.US_ASCII);
  private static final byte[] WELCOME = "{\"type\":\"welcome\"".getBytes(StandardCharsets.US_ASCII);

  private record Options(int connections, int rooms, int seconds, int rate, boolean sigterm) {

    /** {@code [connections] [rooms] [seconds] [messages per second] [--sigterm]}. */
    static Options of(String[] args) {
      var numbers = new ArrayList<Integer>(List.of(10_000, 200, 20, 500));
      int next = 0;
      boolean sigterm = false;
      for (String arg : args) {
        if (arg.equals("--sigterm")) {
          sigterm = true;
        } else {
          numbers.set(next++, Integer.parseInt(arg));
        }
      }
      return new Options(numbers.get(0), numbers.get(1), numbers.get(2), numbers.get(3), sigterm);
    }
  }

  private final Options options;
  private final int port;
  private final EventLoopGroup loops =
      new MultiThreadIoEventLoopGroup(2, NioIoHandler.newFactory());
  private final List<Client> clients = new ArrayList<>();
  private final CountDownLatch welcomed;
  private final Semaphore connecting = new Semaphore(CONNECTING_AT_ONCE);
  private final AtomicBoolean measuring = new AtomicBoolean();
  private final LongAdder delivered = new LongAdder();
  private final LongAdder sent = new LongAdder();
  private final LongAdder gaps = new LongAdder();
  private final Histogram delays = new Histogram();
  private final AtomicInteger closed = new AtomicInteger();
  private final Map<Integer, LongAdder> closeCodes = new ConcurrentHashMap<>();

  private LoadDriver(Options options, int port) {
    this.options = options;
    this.port = port;
    this.welcomed = new CountDownLatch(options.connections());
  }

  public static void main(String[] args) throws Exception {
    Options options = Options.of(args);
    int port = freePort();
    int managementPort = freePort();
    var command = new ArrayList<String>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(
        List.of(System.getenv().getOrDefault("LOAD_JAVA_OPTS", "-Xmx1g").trim().split("\\s+")));
    command.add("--enable-native-access=ALL-UNNAMED");
    command.addAll(List.of("-cp", System.getProperty("java.class.path")));
    command.add(ChatServiceApplication.class.getName());
    command.add("--server.port=" + port);
    command.add("--server.address=127.0.0.1");
    command.add("--management.server.port=" + managementPort);
    Process service =
        new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(LOG.toFile()).start();
    var shutdown = new Thread(service::destroyForcibly);
    Runtime.getRuntime().addShutdownHook(shutdown);
    awaitHealthy(managementPort, service);
    boolean passed = new LoadDriver(options, port).run(service);
    System.exit(passed ? 0 : 1);
  }

  private boolean run(Process service) throws Exception {
    Memory before = Memory.of(service);
    long begun = System.nanoTime();
    connectAll();
    print(
        "%,d connections in %,d rooms, connected in %.1f s",
        options.connections(), options.rooms(), seconds(begun));
    Memory after = Memory.of(service);
    print(
        "memory per connection: heap %.1f KiB, resident %.1f KiB",
        (after.heap() - before.heap()) / 1024.0 / options.connections(),
        (after.resident() - before.resident()) / 1024.0 / options.connections());
    boolean passed = talk(service);
    return (!options.sigterm() || sigterm(service)) && passed;
  }

  // --- phases

  private void connectAll() throws Exception {
    for (int i = 0; i < options.connections(); i++) {
      connecting.acquire();
      var client = new Client();
      clients.add(client);
      URI uri =
          URI.create(
              "ws://127.0.0.1:"
                  + port
                  + "/ws/chat/room-"
                  + i % options.rooms()
                  + "?user=user-"
                  + i);
      new Bootstrap()
          .group(loops)
          .channel(NioSocketChannel.class)
          .handler(
              new ChannelInitializer<SocketChannel>() {
                @Override
                protected void initChannel(SocketChannel channel) {
                  channel
                      .pipeline()
                      .addLast(
                          new HttpClientCodec(),
                          new HttpObjectAggregator(8192),
                          new WebSocketClientProtocolHandler(
                              WebSocketClientProtocolConfig.newBuilder()
                                  .webSocketUri(uri)
                                  .version(WebSocketVersion.V13)
                                  .customHeaders(EmptyHttpHeaders.INSTANCE)
                                  .maxFramePayloadLength(4 << 20)
                                  .handleCloseFrames(false)
                                  .handshakeTimeoutMillis(PATIENCE.toMillis())
                                  .build()),
                          client);
                }
              })
          .connect("127.0.0.1", port)
          .addListener(
              future -> {
                if (!future.isSuccess()) {
                  System.err.println("A client could not connect: " + future.cause());
                  System.exit(1);
                }
              });
    }
    if (!welcomed.await(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new IllegalStateException(welcomed.getCount() + " clients were not welcomed");
    }
  }

  private boolean talk(Process service) throws InterruptedException {
    int perTick = Math.max(1, options.rate() / 100);
    var next = new AtomicInteger();
    // Coprime with the number of clients, so that the speakers are spread over the rooms.
    int stride = 7919;
    try (var clock = Executors.newSingleThreadScheduledExecutor()) {
      var ticking =
          clock.scheduleAtFixedRate(
              () -> {
                for (int i = 0; i < perTick; i++) {
                  long speaker = (long) next.getAndIncrement() * stride % clients.size();
                  clients.get((int) speaker).say();
                }
              },
              0,
              1_000_000L * perTick / options.rate(),
              TimeUnit.MICROSECONDS);
      Thread.sleep(WARM_UP);
      measuring.set(true);
      Duration cpuBefore = cpu(service);
      long begun = System.nanoTime();
      Thread.sleep(Duration.ofSeconds(options.seconds()));
      measuring.set(false);
      double seconds = seconds(begun);
      double cpu = cpu(service).minus(cpuBefore).toNanos() / 1e9;
      ticking.cancel(false);
      print(
          "said %,.0f messages a second, delivered %,.0f a second",
          sent.sum() / seconds, delivered.sum() / seconds);
      print(
          "delivery: p50 %.1f ms, p99 %.1f ms, p99.9 %.1f ms, longest %.1f ms",
          delays.millis(0.5), delays.millis(0.99), delays.millis(0.999), delays.millis(1));
      print("the service used %.2f of %d processors", cpu / seconds, PROCESSORS);
      print("gaps in the numbers: %d, connections lost: %d", gaps.sum(), closed.get());
      return gaps.sum() == 0 && closed.get() == 0;
    }
  }

  /** All clients must see 1001 and the JVM must be gone within ten seconds. */
  private boolean sigterm(Process service) throws InterruptedException {
    long begun = System.nanoTime();
    service.destroy();
    boolean gone = service.waitFor(60, TimeUnit.SECONDS);
    double took = seconds(begun);
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (closed.get() < options.connections() && System.nanoTime() < deadline) {
      Thread.sleep(Duration.ofMillis(20));
    }
    var codes = new TreeMap<Integer, Long>();
    closeCodes.forEach((code, count) -> codes.put(code, count.sum()));
    print("SIGTERM: the JVM was gone after %.1f s, clients saw %s", took, codes);
    return gone && took < 10 && codes.equals(Map.of(1001, (long) options.connections()));
  }

  // --- a client

  private final class Client extends SimpleChannelInboundHandler<WebSocketFrame> {

    private Channel channel;
    private boolean isWelcome;
    private boolean isClosed;
    private long seq = -1;

    void say() {
      long now = System.nanoTime();
      channel
          .eventLoop()
          .execute(
              () -> {
                if (measuring.get()) {
                  sent.increment();
                }
                channel.writeAndFlush(
                    new TextWebSocketFrame(
                        "{\"type\":\"say\",\"text\":\"" + now + " is when this was said\"}"));
              });
    }

    @Override
    public void channelActive(ChannelHandlerContext context) {
      channel = context.channel();
      context.fireChannelActive();
    }

    @Override
    protected void channelRead0(ChannelHandlerContext context, WebSocketFrame frame) {
      if (frame instanceof CloseWebSocketFrame close) {
        int code = close.statusCode();
        context.writeAndFlush(new CloseWebSocketFrame(code, ""));
        closed(code);
      } else if (startsWith(frame.content(), MESSAGE)) {
        message(frame.content());
      } else if (!isWelcome && startsWith(frame.content(), WELCOME)) {
        isWelcome = true;
        connecting.release();
        welcomed.countDown();
      }
    }

    private void message(ByteBuf json) {
      long number = numberAfter("\"seq\":", json);
      if (seq >= 0 && number != seq + 1) {
        gaps.increment();
      }
      seq = number;
      if (measuring.get()) {
        delivered.increment();
        delays.record(System.nanoTime() - numberAfter("\"text\":\"", json));
      }
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) {
      closed(1006);
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
      closed(1006);
      context.close();
    }

    private void closed(int code) {
      if (!isClosed) {
        isClosed = true;
        closeCodes.computeIfAbsent(code, _ -> new LongAdder()).increment();
        closed.incrementAndGet();
      }
    }
  }

  private static boolean startsWith(ByteBuf json, byte[] prefix) {
    int at = json.readerIndex();
    if (json.readableBytes() < prefix.length) {
      return false;
    }
    for (int i = 0; i < prefix.length; i++) {
      if (json.getByte(at + i) != prefix[i]) {
        return false;
      }
    }
    return true;
  }

  private static long numberAfter(String key, ByteBuf json) {
    int end = json.writerIndex() - key.length();
    for (int at = json.readerIndex(); at < end; at++) {
      int i = 0;
      while (i < key.length() && json.getByte(at + i) == key.charAt(i)) {
        i++;
      }
      if (i == key.length()) {
        long number = 0;
        for (int digit = at + i;
            json.getByte(digit) >= '0' && json.getByte(digit) <= '9';
            digit++) {
          number = number * 10 + json.getByte(digit) - '0';
        }
        return number;
      }
    }
    throw new IllegalArgumentException(
        "No " + key + " in " + json.toString(StandardCharsets.UTF_8));
  }

  // --- measuring

  /** Delays in buckets that are 5 % wide. */
  private static final class Histogram {
    private static final double STEP = Math.log(1.05);
    private final AtomicLongArray buckets = new AtomicLongArray(600);

    void record(long nanos) {
      int bucket = (int) (Math.log(Math.max(nanos, 1_000) / 1_000.0) / STEP);
      buckets.incrementAndGet(Math.min(bucket, buckets.length() - 1));
    }

    /** The upper end of the bucket below which that share lies. */
    double millis(double share) {
      long total = 0;
      for (int i = 0; i < buckets.length(); i++) {
        total += buckets.get(i);
      }
      long seen = 0;
      for (int i = 0; i < buckets.length(); i++) {
        seen += buckets.get(i);
        if (seen > 0 && seen >= total * share) {
          return Math.exp((i + 1) * STEP) / 1_000;
        }
      }
      return Double.NaN;
    }
  }

  /** What the service needs, in bytes: its heap after a collection, and all of it. */
  private record Memory(long heap, long resident) {

    private static final Pattern USED = Pattern.compile("used (\\d+)K");

    static Memory of(Process service) throws IOException, InterruptedException {
      jcmd(service, "GC.run");
      Matcher used = USED.matcher(jcmd(service, "GC.heap_info"));
      long heap = used.find() ? Long.parseLong(used.group(1)) * 1024 : 0;
      Path status = Path.of("/proc", Long.toString(service.pid()), "status");
      long resident = 0;
      if (Files.exists(status)) {
        for (String line : Files.readAllLines(status)) {
          if (line.startsWith("VmRSS:")) {
            resident = Long.parseLong(line.replaceAll("\\D", "")) * 1024;
          }
        }
      }
      return new Memory(heap, resident);
    }

    private static String jcmd(Process service, String what)
        throws IOException, InterruptedException {
      Process jcmd =
          new ProcessBuilder(
                  Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                  Long.toString(service.pid()),
                  what)
              .redirectErrorStream(true)
              .start();
      String text = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      jcmd.waitFor();
      return text;
    }
  }

  // --- odds and ends

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  private static void awaitHealthy(int managementPort, Process service) throws Exception {
    URI health = URI.create("http://127.0.0.1:" + managementPort + "/actuator/health");
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (service.isAlive() && System.nanoTime() < deadline) {
      try {
        var connection = (HttpURLConnection) health.toURL().openConnection();
        if (connection.getResponseCode() == 200) {
          return;
        }
      } catch (IOException e) {
        // not yet
      }
      Thread.sleep(Duration.ofMillis(100));
    }
    throw new IllegalStateException("The service did not start, see " + LOG);
  }

  private static Duration cpu(Process service) {
    return service.info().totalCpuDuration().orElse(Duration.ZERO);
  }

  private static double seconds(long begun) {
    return (System.nanoTime() - begun) / 1e9;
  }

  private static void print(String format, Object... values) {
    System.out.println(String.format(Locale.ROOT, format, values));
  }
}
