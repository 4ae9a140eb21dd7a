using System.IO.Pipes;
using System.Runtime.InteropServices;
using System.Text;
using Microsoft.Win32.SafeHandles;

namespace Virt.Daemon.Drivers.Qemu.CommandLine;

/// <summary>
/// Gives QEMU a secret's value through a pipe that it inherits: neither its command line nor any file has it, and it can be read
/// once only.
/// </summary>
internal static class SecretPipe
{
    /// <summary>The reading end of a pipe that holds the value in base64 and is closed behind it.</summary>
    public static SafeHandle Open(ReadOnlySpan<byte> value) => OpenPlain(Encoding.ASCII.GetBytes(Convert.ToBase64String(value)));

    /// <summary>The same, with the value as it is, for helper programs.</summary>
    public static SafeHandle OpenPlain(ReadOnlySpan<byte> value)
    {
        using var writer = new AnonymousPipeServerStream(PipeDirection.Out, HandleInheritability.None);
        // Less than what a pipe holds (64 KiB): nobody need read yet.
        writer.Write(value);
        SafePipeHandle reader = writer.ClientSafePipeHandle;
        var kept = new SafeFileHandle(reader.DangerousGetHandle(), ownsHandle: true);
        reader.SetHandleAsInvalid();
        return kept;
    }
}
