namespace Virt.Rpc;

/// <summary>
/// Access classes: what a call does, and so what its caller must be allowed to do; also, together, what a connection may. The
/// numbers travel, so they never change.
/// </summary>
[Flags]
public enum Access
{
    /// <summary>No class: part of the handshake, allowed before authentication and Open.</summary>
    Handshake = 0,
    /// <summary>Reads state; allowed on a read-only connection.</summary>
    Read = 1,
    /// <summary>Changes the run state of an existing domain: start, stop, suspend, save.</summary>
    Control = 2,
    /// <summary>Creates, changes or removes definitions, and the devices of running domains.</summary>
    Define = 4,
    /// <summary>Opens a domain's console.</summary>
    Console = 8,
    /// <summary>Asks the agent inside a guest to do something.</summary>
    Agent = 16,
    /// <summary>Reads, makes and deletes files of the host: disk images and seeds.</summary>
    Storage = 32,
    /// <summary>Reads and sets the values of secrets, and reads definitions with their passwords.</summary>
    Secret = 64,
    /// <summary>The daemon about itself.</summary>
    Admin = 128,
    /// <summary>Every class.</summary>
    All = Read | Control | Define | Console | Agent | Storage | Secret | Admin,
}
