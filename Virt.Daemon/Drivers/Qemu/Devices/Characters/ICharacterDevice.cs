namespace Virt.Daemon.Drivers.Qemu.Devices;

/// <summary>A device with a character back end.</summary>
internal interface ICharacterDevice
{
    /// <summary>The back end; null for a device that has one only sometimes.</summary>
    CharacterBackend? Backend { get; }
}
