// One bulk TCP flow over a lossy bottleneck in ns-3: prints the mean goodput in bit/s.
// Arguments: variant (NewReno, Cubic), round trip in ms, loss probability per packet, seed, seconds.
#include "ns3/applications-module.h"
#include "ns3/core-module.h"
#include "ns3/internet-module.h"
#include "ns3/network-module.h"
#include "ns3/point-to-point-module.h"

#include <cstdio>
#include <cstdlib>
#include <string>

using namespace ns3;

int main(int argc, char *argv[]) {
  if (argc != 6) return 2;
  const std::string variant = argv[1];
  const double roundTripMs = std::atof(argv[2]);
  const double loss = std::atof(argv[3]);
  const double seconds = std::atof(argv[5]);
  RngSeedManager::SetSeed(1);
  RngSeedManager::SetRun(std::atoi(argv[4]));
  Config::SetDefault("ns3::TcpL4Protocol::SocketType", StringValue("ns3::Tcp" + variant));
  Config::SetDefault("ns3::TcpSocketBase::MinRto", TimeValue(MilliSeconds(200)));
  Config::SetDefault("ns3::TcpSocket::SegmentSize", UintegerValue(1448));
  Config::SetDefault("ns3::TcpSocket::InitialCwnd", UintegerValue(10));
  Config::SetDefault("ns3::TcpSocket::DelAckCount", UintegerValue(2));
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

  BulkSendHelper bulk("ns3::TcpSocketFactory", InetSocketAddress(interfaces.GetAddress(1), 80));
  bulk.SetAttribute("MaxBytes", UintegerValue(0));
  bulk.Install(nodes.Get(0)).Start(Seconds(0));
  PacketSinkHelper receive("ns3::TcpSocketFactory", InetSocketAddress(Ipv4Address::GetAny(), 80));
  ApplicationContainer sinks = receive.Install(nodes.Get(1));
  sinks.Start(Seconds(0));
  Simulator::Stop(Seconds(seconds));
  Simulator::Run();
  const auto received = DynamicCast<PacketSink>(sinks.Get(0))->GetTotalRx();
  std::printf("%.0f\n", received * 8.0 / seconds);
  Simulator::Destroy();
  return 0;
}
