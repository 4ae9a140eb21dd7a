using Virt.Rpc.Packing;

namespace Virt.Rpc;

/// <summary>Writes one value.</summary>
public delegate void WireWriter<in T>(ref PackWriter writer, T value);

/// <summary>Reads one value.</summary>
public delegate T WireReader<out T>(ref PackReader reader);
