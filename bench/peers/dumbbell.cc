// One bulk TCP flow over a lossy bottleneck in ns-3.
// Five arguments: variant (NewReno, LinuxReno, Cubic), round trip in ms, loss probability per packet, seed, seconds;
// prints the mean goodput in bit/s. Two arguments: the word dumbbell and a number of packets; prints their rate per
// second of processor time as the other peers do.
#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"
#include "ns3/traffic-control-module.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <string>

using namespace ns3;

constexpr uint64_t kSegmentBytes = 1448;

// Bytes that arrive in order within so many seconds, or until so many packets have arrived.
uint64_t run(const std::string &variant, double roundTripMs, double loss, int seed, double seconds, uint64_t packets) {
  RngSeedManager::SetSeed(1);
  RngSeedManager::SetRun(seed);
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", StringValue("ns3::Tcp" + variant));
  Config::SetDefault("ns3::TcpSocketBase::MinRto", TimeValue(MilliSeconds(200)));
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(kSegmentBytes));
  Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
  Config::SetDefault("ns3::TcpSocket::DelAckCount", UintegerValue(2));
  // The default, 200 ms, is the least RTO too: with a window of one segment every timeout then is a spurious one that
  // sets the window to one segment again, and the flow never leaves that state.
  Config::SetDefault("ns3::TcpSocket::DelAckTimeout", TimeValue(MilliSeconds(40)));
  Config::SetDefault("ns3::TcpSocket::SndBufSize", UintegerValue(8 << 20));
  Config::SetDefault("ns3::TcpSocket::RcvBufSize", UintegerValue(8 << 20));

  NodeContainer nodes;
  nodes.Create(2);
  PointToPointHelper wire;
  wire.SetDeviceAttribute("DataRate", StringValue("100Mbps"));
  wire.SetChannelAttribute("Delay", TimeValue(MicroSeconds(roundTripMs * 500)));
  wire.SetQueue("ns3::DropTailQueue", "MaxSize", StringValue("200p"));
  NetDeviceContainer devices = wire.Install(nodes);
  Ptr<RateErrorModel> errors = CreateObject<RateErrorModel>();
  errors->SetUnit(RateErrorModel::ERROR_UNIT_PACKET);
  errors->SetRate(loss);
  devices.Get(1)->SetAttribute("ReceiveErrorModel", PointerValue(errors));
  InternetStackHelper().Install(nodes);
  Ipv4AddressHelper addresses("10.0.0.0", "255.255.255.0");
  Ipv4InterfaceContainer interfaces = addresses.Assign(devices);
  // With its addresses a device gets an FqCoDel queue of 10,240 packets in front of its own: slow start then overshoots
  // by twice as much, and the queue is not the 200 packets of the experiment.
  TrafficControlHelper().Uninstall(devices);

  BulkSendHelper bulk("ns3::TcpSocketFactory", InetSocketAddress(interfaces.GetAddress(1), 80));
  bulk.SetAttribute("MaxBytes", UintegerValue(0));
  bulk.Install(nodes.Get(0)).Start(Seconds(0));
  PacketSinkHelper receive("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 80));
  ApplicationContainer sinks = receive.Install(nodes.Get(1));
  sinks.Start(Seconds(0));
  uint64_t received = 0;
  sinks.Get(0)->TraceConnectWithoutContext("Rx", Callback<void, Ptr<const Packet>, const Address &>(
      [&received, packets](Ptr<const Packet> packet, const Address &) {
        received += packet->GetSize();
        if (received >= packets * kSegmentBytes) Simulator::Stop();
      }));
  Simulator::Stop(Seconds(seconds));
  Simulator::Run();
  Simulator::Destroy();
  return received;
}

int main(int argc, char *argv[]) {
  if (argc == 3 && std::string(argv[1]) == "dumbbell") {
    const auto packets = std::strtoull(argv[2], nullptr, 10);
    const auto start = std::clock();
    const auto received = run("NewReno", 10, 0.001, 1, 3600, packets);
    const double used = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    const auto arrived = static_cast<double>(received / kSegmentBytes);
    std::printf("{\"per_cpu_s\": %.0f, \"hash\": \"\"}\n", arrived / used);
    return 0;
  }
  if (argc != 6) return 2;
  const double seconds = std::atof(argv[5]);
  const auto received =
      run(argv[1], std::atof(argv[2]), std::atof(argv[3]), std::atoi(argv[4]), seconds, UINT64_MAX / kSegmentBytes);
  std::printf("%.0f\n", received * 8.0 / seconds);
  return 0;
}
