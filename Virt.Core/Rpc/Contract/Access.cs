namespace Virt.Rpc;

/// <summary>What a procedure does, and so what its caller must be allowed to do.</summary>
public enum Access
{
    /// <summary>Part of the handshake: allowed before authentication and Open.</summary>
    Handshake = 0,
    /// <summary>Reads state; allowed on a read-only connection.</summary>
    Read = 1,
    /// <summary>Changes the run state of an existing object: start, stop, suspend.</summary>
    Control = 2,
    /// <summary>Creates, changes or removes definitions.</summary>
    Define = 3,
    /// <summary>The daemon about itself.</summary>
    Admin = 4,
}
