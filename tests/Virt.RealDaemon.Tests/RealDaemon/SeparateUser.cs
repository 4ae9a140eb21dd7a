using System.Globalization;
using System.Text;
using Virt.Daemon.Native;

namespace Virt.Tests.Daemon.RealDaemon;

/// <summary>A virtd that runs guests as another user than root, the one that every host has.</summary>
internal static class SeparateUser
{
    public const string Name = "nobody";

    public static Account Account { get; } = Accounts.FindUser(Name) ?? new Account(Name, 65534, 65534);

    /// <summary>Starts it on a folder that the user can pass.</summary>
    public static async Task<VirtdProcess> StartAsync(string more = "", string root = "")
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "only root can run QEMU as another user");
        VirtdProcess daemon = await VirtdProcess.StartAsync(config: $$"""{ {{root}} "qemu": { "user": "{{Name}}" {{more}} } }""");
        Let(daemon.Root);
        return daemon;
    }

    /// <summary>Lets others pass a folder.</summary>
    public static void Let(string folder) => File.SetUnixFileMode(
        folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute);

    /// <summary>Makes a file of a user, for that user alone.</summary>
    public static string Own(string path, uint user = 0, uint group = 0)
    {
        using HostPath file = HostPath.Find(path)!;
        Assert.Equal(0, FileOwner.Set(file.File, user, group));
        FileOwner.SetMode(file.File, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        return path;
    }

    /// <summary>Whether something is a plain file, and not a socket.</summary>
    public static bool IsFile(string path)
    {
        using HostPath? file = HostPath.Find(path);
        return file?.Status.Kind == FileKind.File;
    }

    /// <summary>Whose a file is: <c>user:group mode</c>, the mode in octal, and <c>+user:rights</c> for each whom its access control list
    /// names.</summary>
    public static string Of(string path)
    {
        using HostPath file = HostPath.Find(path)!;
        var text = new StringBuilder($"{file.Status.User}:{file.Status.Group} {Convert.ToString(file.Status.Mode, 8)}");
        byte[] acl = Convert.FromBase64String(FileAcl.Read(file.File) ?? "");
        for (int entry = 4; entry < acl.Length; entry += 8)
        {
            int rights = acl[entry + 2];
            if (acl[entry] == 2)
                text.Append(CultureInfo.InvariantCulture, $" +{BitConverter.ToUInt32(acl, entry + 4)}:{((rights & 4) != 0 ? "r" : "")}{((rights & 2) != 0 ? "w" : "")}");
        }

        return text.ToString();
    }
}
