// The engine benchmarks, written for any simulator that the including file has defined as `Simulation`, with an
// object `simulation`: now, add (a handler), schedule (a handler by its index, with an argument), arm (a timer of a
// connection), armed, expired, stop and run. The random generator, the draws, the work of the handlers and the hash of
// the results are those of the benchmarks in TypeScript, so that equal hashes mean equal orders of events.

using Handler = void (*)(uint32_t argument);

// sfc32 of PractRand (Doty-Humphrey), seeded as in the TypeScript benchmarks.
class Generator {
 public:
  explicit Generator(uint32_t seed) : a_(0), b_(seed), c_(0), counter_(1) {
    for (int i = 0; i < 12; i++) next();
  }
  uint32_t next() {
    uint32_t result = a_ + b_ + counter_++;
    a_ = b_ ^ (b_ >> 9);
    b_ = c_ + (c_ << 3);
    c_ = ((c_ << 21) | (c_ >> 11)) + result;
    return result;
  }
  double uniform() { return next() * 0x1p-32; }
  double exponential(double mean) { return -mean * std::log(1 - uniform()); }

 private:
  uint32_t a_, b_, c_, counter_;
};

constexpr double kSecond = 1e9;

int64_t rounded(double value) { return static_cast<int64_t>(value + 0.5); }

uint32_t hash_ = 0;
int64_t operations = 0;
int64_t limit = 0;

void note(uint32_t value) { hash_ = (hash_ ^ value) * 0x01000193u + static_cast<uint32_t>(simulation.now()); }

void count() {
  if (++operations >= limit) simulation.stop();
}

// --- hold: each event schedules its successor --------------------------------------------------------------

int64_t exponentialIncrement(Generator& g) { return rounded(g.exponential(kSecond)); }
int64_t equalIncrement(Generator&) { return 1000000000; }
int64_t bimodalIncrement(Generator& g) {
  // Nine short ones of 1 ms to one long one of 10 s, each give or take ten per cent.
  double mode = g.uniform() < 0.9 ? 1e6 : 1e10;
  return rounded(mode * (0.9 + 0.2 * g.uniform()));
}
int64_t heavyTailedIncrement(Generator& g) {
  // Pareto with shape 1.1 from 1 us, cut at ten days.
  double value = 1e3 * std::pow(1 - g.uniform(), -1 / 1.1);
  return rounded(value < 864e12 ? value : 864e12);
}
int64_t burstyIncrement(Generator& g) {
  // All in bursts of 1 us at whole seconds.
  int64_t second = static_cast<int64_t>(g.exponential(4)) + 1;
  return (simulation.now() / 1000000000 + second) * 1000000000 + g.next() % 1000 - simulation.now();
}

int64_t (*increment)(Generator&) = exponentialIncrement;
Generator holdGenerator(1);
uint32_t holdHandlers[4];

void hold(uint32_t entity) {
  note(entity);
  count();
  simulation.schedule(increment(holdGenerator), holdHandlers[entity & 3], entity);
}
void hold0(uint32_t entity) { hold(entity); }
void hold1(uint32_t entity) { hold(entity + 0); }
void hold2(uint32_t entity) { hold(entity); }
void hold3(uint32_t entity) { hold(entity); }

void runHold(uint32_t pending) {
  Handler handlers[4] = {hold0, hold1, hold2, hold3};
  for (int i = 0; i < 4; i++) holdHandlers[i] = simulation.add(handlers[i]);
  for (uint32_t entity = 0; entity < pending; entity++) {
    simulation.schedule(increment(holdGenerator), holdHandlers[entity & 3], entity);
  }
  simulation.run();
}

// --- phold: 1,024 logical processes, 8 messages each, every one sent on to another process ------------------

constexpr uint32_t kProcesses = 1024;
Generator pholdGenerator(2);
uint32_t pholdHandler;
uint32_t received[kProcesses];

void receive(uint32_t process) {
  note(process + received[process]++);
  count();
  uint32_t target = (process + 1 + pholdGenerator.next() % (kProcesses - 1)) % kProcesses;
  int64_t delay = rounded(kSecond * 0.1 + pholdGenerator.exponential(kSecond * 0.9));
  simulation.schedule(delay, pholdHandler, target);
}

void runPhold() {
  pholdHandler = simulation.add(receive);
  for (uint32_t i = 0; i < kProcesses * 8; i++) {
    int64_t delay = rounded(kSecond * 0.1 + pholdGenerator.exponential(kSecond * 0.9));
    simulation.schedule(delay, pholdHandler, i % kProcesses);
  }
  simulation.run();
}

// --- timer-churn: each acknowledgement arms its connection's timer anew -------------------------------------

constexpr int64_t kTimeout = 2302585093;  // ln(10) mean gaps: one in ten timers expires
Generator churnGenerator(3);
uint32_t ackHandler;
uint64_t expired = 0;

void timeout(uint32_t connection) {
  expired++;
  note(connection + 0x10000);
}

void acknowledge(uint32_t connection) {
  note(connection);
  count();
  simulation.arm(connection, kTimeout);
  simulation.schedule(rounded(churnGenerator.exponential(kSecond)), ackHandler, connection);
}

void runChurn() {
  ackHandler = simulation.add(acknowledge);
  simulation.addTimers(timeout);
  for (uint32_t connection = 0; connection < kConnections; connection++) {
    simulation.schedule(rounded(churnGenerator.exponential(kSecond)), ackHandler, connection);
  }
  simulation.run();
}

// --- mm1: one queue, one server, load 0.9; an operation is a customer ---------------------------------------

constexpr double kService = 1e6;
Generator arrivalGenerator(4);
Generator serviceGenerator(5);
uint32_t arrivalHandler, departureHandler;
std::queue<int64_t> waiting;
int64_t arrivals = 0;
int64_t sojournSum = 0;

void serve() {
  simulation.schedule(rounded(serviceGenerator.exponential(kService)), departureHandler, 0);
}

void arrive(uint32_t) {
  waiting.push(simulation.now());
  if (waiting.size() == 1) serve();
  if (++arrivals < limit) {
    simulation.schedule(rounded(arrivalGenerator.exponential(kService / 0.9)), arrivalHandler, 0);
  }
}

void depart(uint32_t) {
  int64_t sojourn = simulation.now() - waiting.front();
  waiting.pop();
  sojournSum += sojourn;
  note(static_cast<uint32_t>(sojourn));
  operations++;
  if (!waiting.empty()) serve();
}

void runMm1() {
  arrivalHandler = simulation.add(arrive);
  departureHandler = simulation.add(depart);
  simulation.schedule(rounded(arrivalGenerator.exponential(kService / 0.9)), arrivalHandler, 0);
  simulation.run();
}

// -------------------------------------------------------------------------------------------------------------

bool runNamed(const std::string& name) {
  if (name == "phold") return runPhold(), true;
  if (name == "timer-churn") return runChurn(), true;
  if (name == "mm1") return runMm1(), true;
  if (name.rfind("hold-", 0) != 0) return false;
  std::string::size_type dash = name.find('-', 5);
  std::string kind = dash == std::string::npos ? "" : name.substr(dash + 1);
  if (kind == "equal") increment = equalIncrement;
  if (kind == "bimodal") increment = bimodalIncrement;
  if (kind == "heavy-tailed") increment = heavyTailedIncrement;
  if (kind == "bursty") increment = burstyIncrement;
  runHold(std::strtoul(name.c_str() + 5, nullptr, 10));
  return true;
}

int main(int argc, char** argv) {
  if (argc != 3) return std::fputs("usage: NAME OPERATIONS\n", stderr), 2;
  limit = std::atoll(argv[2]);
  if (!runNamed(argv[1])) return std::fprintf(stderr, "unknown benchmark %s\n", argv[1]), 2;
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  double cpu = usage.ru_utime.tv_sec + usage.ru_stime.tv_sec +
               (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
  std::printf("{\"name\":\"%s\",\"operations\":%lld,\"hash\":\"%08x\",\"per_cpu_s\":%.0f,\"peak_bytes\":%lld", argv[1],
              static_cast<long long>(operations), hash_, operations / cpu, usage.ru_maxrss * 1024LL);
  if (sojournSum > 0) std::printf(",\"mean_sojourn\":%.4f", sojournSum / kService / operations);
  if (expired > 0) std::printf(",\"expired_share\":%.4f", static_cast<double>(expired) / operations);
  std::printf("}\n");
}
