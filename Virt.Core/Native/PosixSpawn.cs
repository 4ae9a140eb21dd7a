using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Microsoft.Win32.SafeHandles;

namespace Virt.Native;

/// <summary>posix_spawn(3): the attributes and file actions of one child, applied between fork and exec without our code there.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe partial class PosixSpawn : IDisposable
{
    // glibc 2.36: posix_spawnattr_t 336 bytes, posix_spawn_file_actions_t 80, sigset_t 128; musl's are no larger.
    private const int StructureSize = 512;
    private const short SetSignalDefaults = 0x04;
    private const short SetSignalMask = 0x08;
    private const short SetSession = 0x80;
    private const int DuplicateCloseOnExec = 1030;

    private readonly byte* _attributes = (byte*)NativeMemory.AllocZeroed(StructureSize);
    private readonly byte* _actions = (byte*)NativeMemory.AllocZeroed(StructureSize);
    private readonly List<SafeFileHandle> _spares = [];
    private readonly int _targets;
    private bool _disposed;

    /// <summary>A child in its own session, no signal blocked or ignored.</summary>
    /// <param name="targets">How many descriptors, from 0 on, it gets by <see cref="Open"/> and <see cref="Map"/>; all others are closed.</param>
    public PosixSpawn(int targets)
    {
        _targets = targets;
        byte* signals = stackalloc byte[StructureSize];
        Check(AttributesInit(_attributes));
        Check(ActionsInit(_actions));
        Check(AttributesSetFlags(_attributes, SetSession | SetSignalMask | SetSignalDefaults));
        _ = SignalEmptySet(signals);
        Check(AttributesSetSignalMask(_attributes, signals));
        _ = SignalFillSet(signals);
        Check(AttributesSetSignalDefaults(_attributes, signals));
    }

    ~PosixSpawn() => Dispose();

    /// <summary>The child's working folder.</summary>
    public void ChangeFolder(string path) => Check(ActionsAddChangeFolder(_actions, path));

    /// <summary>Opens a file in the child; the mode is that of a file it makes.</summary>
    public void Open(int descriptor, string path, int flags, UnixFileMode mode = UnixFileMode.None) =>
        Check(ActionsAddOpen(_actions, descriptor, path, flags, (uint)mode));

    /// <summary>Gives the child one of our descriptors under a number.</summary>
    public void Map(SafeHandle source, int descriptor)
    {
        // A copy above the targets, so that no mapping overwrites the source of the next.
        int copy = Duplicate(source, DuplicateCloseOnExec, _targets);
        if (copy < 0)
            throw LibC.LastError("a descriptor cannot be duplicated");
        _spares.Add(new SafeFileHandle(copy, ownsHandle: true));
        Check(ActionsAddDuplicate(_actions, copy, descriptor));
    }

    /// <summary>Starts the child and returns its pid; an executable that cannot be run is an error here already.</summary>
    public int Start(string executable, IReadOnlyCollection<string> arguments, IReadOnlyCollection<string> environment)
    {
        Check(ActionsAddCloseFrom(_actions, _targets));
        using var argv = new NativeStrings([executable, .. arguments]);
        using var envp = new NativeStrings(environment);
        int error = Spawn(out int pid, executable, _actions, _attributes, argv.Pointer, envp.Pointer);
        return error == 0 ? pid : throw LibC.Error(
            error, $"cannot run '{executable}'", executable, "Check that it is an executable file for this machine.");
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_disposed)
            return;
        _disposed = true;
        foreach (SafeFileHandle spare in _spares)
            spare.Dispose();
        _ = ActionsDestroy(_actions);
        _ = AttributesDestroy(_attributes);
        NativeMemory.Free(_actions);
        NativeMemory.Free(_attributes);
        GC.SuppressFinalize(this);
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw LibC.Error(error, "posix_spawn cannot be set up");
    }

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(out int pid, string path, byte* actions, byte* attributes, byte** argv, byte** envp);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(byte* attributes);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(byte* attributes);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawnattr_setflags")]
    private static partial int AttributesSetFlags(byte* attributes, short flags);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int AttributesSetSignalMask(byte* attributes, byte* signals);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int AttributesSetSignalDefaults(byte* attributes, byte* signals);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int ActionsInit(byte* actions);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int ActionsDestroy(byte* actions);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ActionsAddOpen(byte* actions, int fd, string path, int flags, uint mode);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int ActionsAddDuplicate(byte* actions, int fd, int target);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int ActionsAddChangeFolder(byte* actions, string path);

    [LibraryImport(LibC.Name, EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    private static partial int ActionsAddCloseFrom(byte* actions, int from);

    [LibraryImport(LibC.Name, EntryPoint = "sigemptyset")]
    private static partial int SignalEmptySet(byte* signals);

    [LibraryImport(LibC.Name, EntryPoint = "sigfillset")]
    private static partial int SignalFillSet(byte* signals);

    [LibraryImport(LibC.Name, EntryPoint = "fcntl", SetLastError = true)]
    private static partial int Duplicate(SafeHandle fd, int command, int from);
}
