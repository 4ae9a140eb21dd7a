using Virt.Rpc.MessagePack;

namespace Virt.Rpc;

/// <summary>Writes one value.</summary>
public delegate void WireWriter<in T>(ref MessagePackWriter writer, T value);

/// <summary>Reads one value.</summary>
public delegate T WireReader<out T>(ref MessagePackReader reader);
