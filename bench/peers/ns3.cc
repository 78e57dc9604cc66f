// The engine benchmarks over ns-3's default simulator and its default scheduler, a std::map.
//
//   g++ -O2 -o ns3 ns3.cc $(pkg-config --cflags --libs ns3-core) && ./ns3 NAME OPERATIONS        prints one JSON object

#include <ns3/core-module.h>
#include <sys/resource.h>

#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <queue>
#include <string>
#include <vector>

constexpr uint32_t kConnections = 10000;

class Simulation {
 public:
  using Handler = void (*)(uint32_t argument);

  int64_t now() const { return ns3::Simulator::Now().GetNanoSeconds(); }
  uint32_t add(Handler handler) {
    handlers_.push_back(handler);
    return handlers_.size() - 1;
  }
  void schedule(int64_t delay, uint32_t handler, uint32_t argument) {
    ns3::Simulator::Schedule(ns3::NanoSeconds(delay), handlers_[handler], argument);
  }

  // Cancelled events stay in the scheduler until their time: that is ns-3's faster way (the other one is Remove).
  void addTimers(Handler expire) { expireHandler_ = expire; }
  void arm(uint32_t connection, int64_t delay) {
    timers_[connection].Cancel();
    timers_[connection] = ns3::Simulator::Schedule(ns3::NanoSeconds(delay), expireHandler_, connection);
  }

  void stop() { ns3::Simulator::Stop(); }
  void run() { ns3::Simulator::Run(); }

 private:
  std::vector<Handler> handlers_;
  Handler expireHandler_ = nullptr;
  ns3::EventId timers_[kConnections];
};

Simulation simulation;

#include "workloads.h"
