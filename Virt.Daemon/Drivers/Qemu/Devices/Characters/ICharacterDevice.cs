namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>A device with a character back end.</summary>
internal interface ICharacterDevice
{
    /// <summary>The back end.</summary>
    CharacterBackend Backend { get; }
}
