namespace Virt.Errors;

/// <summary>
/// Why a call failed. The numbers are libvirt's (<c>virErrorNumber</c> in its <c>virterror.h</c>), so that runbooks written
/// against libvirt can translate.
/// </summary>
public enum VirtErrorCode
{
    /// <summary>No error.</summary>
    Ok = 0,
    /// <summary>An internal error: a broken invariant, or a peer that breaks the protocol.</summary>
    InternalError = 1,
    /// <summary>The driver does not offer this function.</summary>
    NoSupport = 3,
    /// <summary>No driver accepts the connection URI, or the URI is malformed.</summary>
    NoConnect = 5,
    /// <summary>The connection is closed or was never opened.</summary>
    InvalidConnection = 6,
    /// <summary>An argument is outside what the call takes.</summary>
    InvalidArgument = 8,
    /// <summary>The operation was tried and failed.</summary>
    OperationFailed = 9,
    /// <summary>The configuration file of client or daemon cannot be used.</summary>
    ConfigurationError = 18,
    /// <summary>A name is missing in a definition.</summary>
    NoName = 21,
    /// <summary>The definition is well-formed XML but says something that is not allowed.</summary>
    XmlError = 27,
    /// <summary>The domain exists already.</summary>
    DomainExists = 28,
    /// <summary>The connection is read-only, or its user may not make this call.</summary>
    OperationDenied = 29,
    /// <summary>The text is not well-formed XML.</summary>
    XmlDetail = 35,
    /// <summary>A system call failed: a file, a socket or a process could not be had.</summary>
    SystemError = 38,
    /// <summary>The peer broke the remote protocol, or the connection to it was lost.</summary>
    RpcError = 39,
    /// <summary>No domain matches.</summary>
    NoDomain = 42,
    /// <summary>No network matches.</summary>
    NoNetwork = 43,
    /// <summary>Authentication failed.</summary>
    AuthenticationFailed = 45,
    /// <summary>No storage pool matches.</summary>
    NoStoragePool = 49,
    /// <summary>No storage volume matches.</summary>
    NoStorageVolume = 50,
    /// <summary>The object is in a state in which the operation makes no sense.</summary>
    OperationInvalid = 55,
    /// <summary>The value of the secret cannot be had.</summary>
    InvalidSecret = 65,
    /// <summary>No secret matches.</summary>
    NoSecret = 66,
    /// <summary>The host or the hypervisor cannot give what the definition asks for.</summary>
    ConfigurationUnsupported = 67,
    /// <summary>The operation did not end in the time it was given.</summary>
    OperationTimeout = 68,
    /// <summary>The hypervisor or driver does not take this argument.</summary>
    ArgumentUnsupported = 74,
    /// <summary>The caller ended the operation.</summary>
    OperationAborted = 78,
    /// <summary>Authentication was cancelled by the user.</summary>
    AuthenticationCancelled = 79,
    /// <summary>Metadata that was asked for is not there.</summary>
    NoDomainMetadata = 80,
    /// <summary>The hypervisor does not offer this operation, or not now.</summary>
    OperationUnsupported = 84,
    /// <summary>The guest agent does not answer.</summary>
    AgentUnresponsive = 86,
    /// <summary>Another job holds the object.</summary>
    ResourceBusy = 87,
    /// <summary>The access rules deny the call.</summary>
    AccessDenied = 88,
    /// <summary>The storage volume exists already.</summary>
    StorageVolumeExists = 90,
    /// <summary>The definition does not follow the schema.</summary>
    XmlInvalidSchema = 92,
    /// <summary>The object is one of too many: a limit of the daemon is reached.</summary>
    ResourceLimit = 97,
    /// <summary>No device matches.</summary>
    DeviceMissing = 99,
}
