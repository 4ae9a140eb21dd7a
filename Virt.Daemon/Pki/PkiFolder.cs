using System.Text;
using Virt.Daemon.Hosting;
using Virt.Errors;

namespace Virt.Daemon.Pki;

/// <summary>A folder with certificates, which everyone may read, and keys, which only their owner may.</summary>
/// <param name="path">The folder.</param>
internal sealed class PkiFolder(string path)
{
    private const UnixFileMode Readable = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;
    private const UnixFileMode Reachable = Readable | UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    /// <summary>The folder's whole path.</summary>
    public string Path { get; } = System.IO.Path.GetFullPath(path);

    /// <summary>The authorities' certificates.</summary>
    public string Authority => File("cacert.pem");

    /// <summary>The authority's key.</summary>
    public string AuthorityKey => File("cakey.pem");

    /// <summary>A file in it.</summary>
    public string File(string name) => System.IO.Path.Combine(Path, name);

    /// <summary>Refuses to go on when one of the files is there already.</summary>
    /// <exception cref="VirtException"><see cref="VirtErrorCode.OperationInvalid"/>.</exception>
    public void MustNotHave(bool force, params string[] names)
    {
        if (!force && names.Select(File).FirstOrDefault(System.IO.File.Exists) is { } there)
        {
            throw new VirtException(
                VirtErrorCode.OperationInvalid, $"{there} is there already", there, "Write somewhere else, or replace it with --force.");
        }
    }

    /// <summary>Writes or replaces a certificate.</summary>
    public void WriteCertificate(string name, string pem)
    {
        Write(name, pem);
        System.IO.File.SetUnixFileMode(File(name), Readable);
    }

    /// <summary>Writes or replaces a key; nobody else could read it at any time.</summary>
    public void WriteKey(string name, string pem) => Write(name, pem);

    private void Write(string name, string pem)
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!, Private);
            Directory.CreateDirectory(Path, Reachable);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VirtException(
                VirtErrorCode.SystemError, $"the folder {Path} cannot be made: {e.Message}", Path, "Run as root, or name a folder of your own with --pki DIR.", e);
        }

        DurableFile.Write(File(name), Encoding.ASCII.GetBytes(pem));
    }
}
