using System.Text;

namespace Virt.Ssh.HostKeys;

/// <summary>Where known_hosts files are, and how a key gets into one.</summary>
internal static class KnownHostsFiles
{
    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    /// <summary>The user's own file.</summary>
    public static string OfUser => Path.Combine(UserFolder, "known_hosts");

    /// <summary>The machine's file.</summary>
    public static string OfMachine => OperatingSystem.IsWindows()
        ? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.CommonApplicationData), "ssh", "ssh_known_hosts")
        : "/etc/ssh/ssh_known_hosts";

    /// <summary>The folder of the user's keys and known hosts.</summary>
    public static string UserFolder => Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".ssh");

    /// <summary>Adds a key. What is missing, the file and its folder, is made for the owner only.</summary>
    /// <exception cref="IOException">It cannot be written.</exception>
    /// <exception cref="UnauthorizedAccessException">It must not be written.</exception>
    public static void Add(string file, string name, byte[] key)
    {
        string folder = Path.GetDirectoryName(Path.GetFullPath(file))!;
        if (OperatingSystem.IsWindows())
            Directory.CreateDirectory(folder);
        else
            Directory.CreateDirectory(folder, OwnerOnly | UnixFileMode.UserExecute);
        FileStreamOptions options = new() { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.Read };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerOnly;
        using FileStream stream = new(file, options);
        string line = $"{name} {KnownHostsLine.TypeOf(key)} {Convert.ToBase64String(key)}\n";
        stream.Write(Encoding.UTF8.GetBytes(EndsInLine(stream) ? line : "\n" + line));
    }

    /// <summary>Goes to the end, and says whether the last line is a whole one.</summary>
    private static bool EndsInLine(FileStream stream)
    {
        if (stream.Length == 0)
            return true;
        stream.Seek(-1, SeekOrigin.End);
        return stream.ReadByte() == '\n';
    }
}
