using Virt.Rpc;

namespace Virt.Domains;

/// <summary>How a definition is taken.</summary>
[Flags]
public enum DefineOptions
{
    /// <summary>As it is.</summary>
    None = 0,
    /// <summary>Checked strictly: an element or attribute that Virt does not know is an error.</summary>
    Validate = 1,
}

/// <summary>What is removed together with a definition; numbers as libvirt's <c>virDomainUndefineFlagsValues</c>.</summary>
[Flags]
public enum UndefineOptions
{
    /// <summary>Only the definition; refused while there is a managed save, a snapshot or NVRAM.</summary>
    None = 0,
    /// <summary>The managed save too.</summary>
    ManagedSave = 1,
    /// <summary>The metadata of snapshots too.</summary>
    SnapshotsMetadata = 2,
    /// <summary>The NVRAM file too.</summary>
    Nvram = 4,
    /// <summary>The NVRAM file is kept on disk.</summary>
    KeepNvram = 8,
    /// <summary>What the emulated TPM has stored too, even where the definition says that it persists.</summary>
    Tpm = 64,
    /// <summary>What the emulated TPM has stored is kept on disk.</summary>
    KeepTpm = 128,
}

/// <summary>How a domain starts; numbers as libvirt's <c>virDomainCreateFlags</c>.</summary>
[Flags]
public enum StartOptions
{
    /// <summary>Runs at once; resumes from a managed save where there is one.</summary>
    None = 0,
    /// <summary>Stays paused before its first instruction.</summary>
    Paused = 1,
    /// <summary>Is destroyed when the connection that started it closes.</summary>
    AutoDestroy = 2,
    /// <summary>A managed save is dropped and the guest boots afresh.</summary>
    ForceBoot = 8,
    /// <summary>The definition of a transient domain is checked strictly.</summary>
    Validate = 16,
    /// <summary>The firmware's variables start anew from their template.</summary>
    ResetNvram = 32,
}

/// <summary>How the guest is asked to shut down or reboot; numbers as libvirt's <c>virDomainShutdownFlagValues</c>.</summary>
public enum ShutdownMode
{
    /// <summary>The driver chooses: the agent where it answers, else ACPI.</summary>
    Default = 0,
    /// <summary>The ACPI power button.</summary>
    Acpi = 1,
    /// <summary>The guest agent; needs <see cref="Access.Agent"/>.</summary>
    [RequiresAccess(Access.Agent)]
    Agent = 2,
}

/// <summary>How a domain is turned off; numbers as libvirt's <c>virDomainDestroyFlagsValues</c>.</summary>
[Flags]
public enum DestroyOptions
{
    /// <summary>Terminated; killed if it does not end.</summary>
    None = 0,
    /// <summary>Terminated, never killed: the call fails when it does not end.</summary>
    Graceful = 1,
}

/// <summary>Which XML is exported; numbers as libvirt's <c>virDomainXMLFlags</c>.</summary>
[Flags]
public enum XmlOptions
{
    /// <summary>The live definition of an active domain, else the persistent one, without secrets.</summary>
    None = 0,
    /// <summary>With passwords; needs <see cref="Access.Secret"/>.</summary>
    [RequiresAccess(Access.Secret)]
    Secure = 1,
    /// <summary>The persistent definition, also while it is active.</summary>
    Inactive = 2,
    /// <summary>Without what is tied to this host.</summary>
    Migratable = 8,
}

/// <summary>Where a change goes; libvirt's <c>virDomainModificationImpact</c>.</summary>
public enum ChangeScope
{
    /// <summary>The running guest when active, else the persistent definition.</summary>
    Current = 0,
    /// <summary>The running guest only.</summary>
    Live = 1,
    /// <summary>The persistent definition only: the next start.</summary>
    Config = 2,
    /// <summary>Both.</summary>
    Both = 3,
}
