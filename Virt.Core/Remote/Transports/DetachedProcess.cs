using System.Collections;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;
using Virt.Errors;

namespace Virt.Remote.Transports;

/// <summary>
/// Starts a process that outlives this one: in a session of its own, in the root folder, with nothing inherited but a listening
/// socket, which it gets as systemd's socket activation gives it (descriptor 3).
/// </summary>
[SupportedOSPlatform("linux")]
internal static unsafe partial class DetachedProcess
{
    private const int FirstPassedDescriptor = 3;
    private const int ReadOnly = 0;
    private const int AppendOnly = 0x1 | 0x40 | 0x400;
    private const short SetDefaultSignals = 0x04;
    private const short SetSignalMask = 0x08;
    private const short NewSession = 0x80;
    private const int NoHang = 1;

    /// <summary>More than any C library's <c>posix_spawnattr_t</c>, <c>posix_spawn_file_actions_t</c> or <c>sigset_t</c>.</summary>
    private const int OpaqueSize = 1024;

    private static readonly string[] NotPassedOn = ["LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES", "NOTIFY_SOCKET", "JOURNAL_STREAM"];

    /// <summary>Starts the process.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.SystemError"/>.</exception>
    public static void Start(
        string executable, IReadOnlyList<string> arguments, IReadOnlyList<(string Name, string Value)> variables, Socket listener, string log)
    {
        void* actions = NativeMemory.AllocZeroed(OpaqueSize), attributes = NativeMemory.AllocZeroed(OpaqueSize);
        try
        {
            Check(FileActionsInit(actions));
            Check(AttributesInit(attributes));
            Check(AddOpen(actions, 0, "/dev/null", ReadOnly, 0));
            Check(AddOpen(actions, 1, "/dev/null", AppendOnly, 0));
            Check(AddOpen(actions, 2, log, AppendOnly, 0x180));
            Check(AddDuplicate(actions, (int)listener.Handle, FirstPassedDescriptor));
            Check(AddCloseFrom(actions, FirstPassedDescriptor + 1));
            Check(AddChangeFolder(actions, "/"));
            SetSignals(attributes);
            Check(SetFlags(attributes, NewSession | SetDefaultSignals | SetSignalMask));

            string[] argumentVector = [executable, .. arguments];
            using Strings argv = new(argumentVector), environment = new(EnvironmentWith(variables));
            int error = Spawn(out int processId, executable, actions, attributes, argv.Pointers, environment.Pointers);
            if (error != 0)
            {
                throw new VirtConnectionException(
                    VirtErrorCode.SystemError, $"{executable} cannot be started: {Marshal.GetPInvokeErrorMessage(error)}", executable,
                    "Check that it is an executable file for this machine.");
            }

            ReapWhenItEnds(processId);
        }
        finally
        {
            _ = FileActionsDestroy(actions);
            _ = AttributesDestroy(attributes);
            NativeMemory.Free(actions);
            NativeMemory.Free(attributes);
        }
    }

    private static IEnumerable<string> EnvironmentWith(IReadOnlyList<(string Name, string Value)> variables)
    {
        foreach (DictionaryEntry variable in Environment.GetEnvironmentVariables())
        {
            string name = (string)variable.Key;
            if (!NotPassedOn.Contains(name, StringComparer.Ordinal) && !variables.Any(added => added.Name == name))
                yield return $"{name}={variable.Value}";
        }

        foreach ((string name, string value) in variables)
            yield return $"{name}={value}";
    }

    /// <summary>No signal blocked, none ignored: .NET ignores SIGPIPE, and that would be inherited.</summary>
    private static void SetSignals(void* attributes)
    {
        void* set = NativeMemory.AllocZeroed(OpaqueSize);
        try
        {
            Check(SetMask(attributes, set));
            *(uint*)set = 0x7fff_ffff;
            Check(SetDefaults(attributes, set));
        }
        finally
        {
            NativeMemory.Free(set);
        }
    }

    /// <summary>Should the daemon end before this process, it would stay in the process table until somebody has asked for its status.</summary>
    private static void ReapWhenItEnds(int processId)
    {
        PosixSignalRegistration? registration = null;
        registration = PosixSignalRegistration.Create(PosixSignal.SIGCHLD, _ =>
        {
            if (WaitForProcess(processId, null, NoHang) != 0)
                registration?.Dispose();
        });
    }

    private static void Check(int error)
    {
        if (error != 0)
            throw new VirtException(VirtErrorCode.SystemError, $"a process cannot be prepared: {Marshal.GetPInvokeErrorMessage(error)}");
    }

    /// <summary>A vector of C strings with a null at its end.</summary>
    private sealed class Strings : IDisposable
    {
        private readonly nint[] _items;

        public Strings(IEnumerable<string> items)
        {
            _items = [.. items.Select(Marshal.StringToCoTaskMemUTF8)];
            Pointers = (byte**)NativeMemory.AllocZeroed((nuint)_items.Length + 1, (nuint)sizeof(nint));
            for (int i = 0; i < _items.Length; i++)
                Pointers[i] = (byte*)_items[i];
        }

        public byte** Pointers { get; }

        public void Dispose()
        {
            foreach (nint item in _items)
                Marshal.FreeCoTaskMem(item);
            NativeMemory.Free(Pointers);
        }
    }

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_init")]
    private static partial int FileActionsInit(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_destroy")]
    private static partial int FileActionsDestroy(void* actions);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addopen", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddOpen(void* actions, int descriptor, string path, int flags, uint mode);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_adddup2")]
    private static partial int AddDuplicate(void* actions, int descriptor, int newDescriptor);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addclosefrom_np")]
    private static partial int AddCloseFrom(void* actions, int first);

    [LibraryImport("libc", EntryPoint = "posix_spawn_file_actions_addchdir_np", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddChangeFolder(void* actions, string path);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_init")]
    private static partial int AttributesInit(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_destroy")]
    private static partial int AttributesDestroy(void* attributes);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setflags")]
    private static partial int SetFlags(void* attributes, short flags);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigmask")]
    private static partial int SetMask(void* attributes, void* set);

    [LibraryImport("libc", EntryPoint = "posix_spawnattr_setsigdefault")]
    private static partial int SetDefaults(void* attributes, void* set);

    [LibraryImport("libc", EntryPoint = "posix_spawn", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Spawn(
        out int processId, string path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", EntryPoint = "waitpid")]
    private static partial int WaitForProcess(int processId, int* status, int options);
}
