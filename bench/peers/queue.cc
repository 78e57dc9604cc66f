// The engine benchmarks over std::priority_queue: what a C++ programmer writes without further thought. An event is a
// time, a sequence number, the index of a handler in a table of function pointers, and an argument.
//
//   g++ -O2 -o queue queue.cc && ./queue NAME OPERATIONS        prints one JSON object

#include <sys/resource.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <string>
#include <vector>

constexpr uint32_t kConnections = 10000;

struct Event {
  int64_t time;
  uint64_t sequence;
  uint32_t handler;
  uint32_t argument;
};

struct Later {
  bool operator()(const Event& one, const Event& other) const {
    return one.time != other.time ? one.time > other.time : one.sequence > other.sequence;
  }
};

class Simulation {
 public:
  using Handler = void (*)(uint32_t argument);

  int64_t now() const { return now_; }
  uint32_t add(Handler handler) {
    handlers_.push_back(handler);
    return handlers_.size() - 1;
  }
  void schedule(int64_t delay, uint32_t handler, uint32_t argument) {
    queue_.push({now_ + delay, sequence_++, handler, argument});
  }

  // A priority queue cannot take an event out. A timer that was armed again stays in it, and does nothing when it
  // comes up, since its connection's timer expires at another time.
  void addTimers(Handler expire);
  void arm(uint32_t connection, int64_t delay) {
    expires_[connection] = now_ + delay;
    schedule(delay, timerHandler_, connection);
  }
  void expire(uint32_t connection) {
    if (expires_[connection] == now_) handlers_[expireHandler_](connection);
  }

  void stop() { stopped_ = true; }
  void run() {
    while (!stopped_ && !queue_.empty()) {
      Event event = queue_.top();
      queue_.pop();
      now_ = event.time;
      handlers_[event.handler](event.argument);
    }
  }

 private:
  std::priority_queue<Event, std::vector<Event>, Later> queue_;
  std::vector<Handler> handlers_;
  int64_t expires_[kConnections];
  uint32_t timerHandler_ = 0, expireHandler_ = 0;
  int64_t now_ = 0;
  uint64_t sequence_ = 0;
  bool stopped_ = false;
};

Simulation simulation;

void Simulation::addTimers(Handler expire) {
  expireHandler_ = add(expire);
  timerHandler_ = add([](uint32_t connection) { simulation.expire(connection); });
}

#include "workloads.h"
