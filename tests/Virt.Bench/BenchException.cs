namespace Virt.Bench;

/// <summary>Why the benchmark cannot go on.</summary>
internal sealed class BenchException(string message) : Exception(message);
