namespace Virt.CodecGuard;

/// <summary>There is nothing to compare with; the message says why.</summary>
internal sealed class NoBaselineException(string message) : Exception(message);
