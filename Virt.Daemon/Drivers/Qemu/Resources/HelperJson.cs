using System.Text.Json.Serialization;
using Virt.Daemon.Drivers.Qemu.Process;

namespace Virt.Daemon.Drivers.Qemu.Resources;

/// <summary>JSON of the files that tell which processes help a guest.</summary>
[JsonSerializable(typeof(ProcessIdentity))]
internal sealed partial class HelperJson : JsonSerializerContext;
