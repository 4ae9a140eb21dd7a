using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Virt.Remote.Tls;

/// <summary>Reads PEM files; what is around the blocks, such as what <c>certtool</c> prints there, does not matter.</summary>
internal static class PemFile
{
    private const long Longest = 1 << 20;

    /// <summary>All certificates of a file, at least one.</summary>
    /// <exception cref="CertificateException">The file cannot be read or has none.</exception>
    public static X509Certificate2Collection ReadCertificates(string path)
    {
        string text = ReadText(path);
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(text);
        }
        catch (CryptographicException e)
        {
            throw new CertificateException($"a certificate in {path} cannot be read: {e.Message}", path, "Copy the file again, or make it anew.", e);
        }

        return certificates.Count > 0
            ? certificates
            : throw new CertificateException($"{path} has no certificate", path, "It must have a block that begins with -----BEGIN CERTIFICATE-----.");
    }

    /// <summary>The text of a private key, which nobody but its owner and group may read.</summary>
    /// <exception cref="CertificateException">The file cannot be read, or everyone can.</exception>
    public static string ReadKey(string path)
    {
        string text = ReadText(path);
        if (EveryoneCanRead(path))
        {
            throw new CertificateException(
                $"every user of this machine can read the private key {path}", path,
                $"Run `chmod 600 {path}`; if others may have read it, make a new key and certificate.");
        }

        return text;
    }

    /// <summary>The text of a file of reasonable length.</summary>
    /// <exception cref="CertificateException">It cannot be read.</exception>
    public static string ReadText(string path)
    {
        try
        {
            return new FileInfo(path) is { Exists: true, Length: > Longest }
                ? throw new CertificateException($"{path} is too long for a PEM file", path, "Check that it is the file that you mean.")
                : File.ReadAllText(path);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new CertificateException($"there is no file {path}", path, "Copy it there, or name the folder or file that has it.", e);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new CertificateException(
                $"{Environment.UserName} may not read {path}", path, "Give this user the right to read it, or use a copy that is this user's own.", e);
        }
        catch (IOException e)
        {
            throw new CertificateException($"{path} cannot be read: {e.Message}", path, "Check the file.", e);
        }
    }

    /// <summary>A file is open to everyone when its mode says so and its folder lets them in.</summary>
    private static bool EveryoneCanRead(string path) =>
        !OperatingSystem.IsWindows()
        && File.GetUnixFileMode(path).HasFlag(UnixFileMode.OtherRead)
        && File.GetUnixFileMode(Path.GetDirectoryName(Path.GetFullPath(path))!).HasFlag(UnixFileMode.OtherExecute);
}
