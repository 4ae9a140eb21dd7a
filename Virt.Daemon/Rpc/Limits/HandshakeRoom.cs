namespace Virt.Daemon.Rpc;

/// <summary>Whether one more handshake may begin.</summary>
internal enum HandshakeRoom
{
    /// <summary>It may.</summary>
    Free,

    /// <summary>Too many clients of this address are unauthenticated.</summary>
    AddressFull,

    /// <summary>Too many clients are unauthenticated.</summary>
    Full,
}
