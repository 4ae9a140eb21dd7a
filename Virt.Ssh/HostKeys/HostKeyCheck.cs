using System.Security.Cryptography;
using Renci.SshNet.Common;
using Virt.Connections;
using Virt.Errors;
using Virt.Remote.Transports.Ssh;
using Virt.Ssh.Login;

namespace Virt.Ssh.HostKeys;

/// <summary>
/// Decides about the key that a host shows. SSH.NET trusts every key unless somebody says no. An unknown key ends the attempt: the
/// user is asked without the host waiting, and once it is accepted, the next attempt finds it known.
/// </summary>
internal sealed class HostKeyCheck
{
    private readonly string _host;
    private readonly string _file;
    private readonly KnownHosts _known;
    private readonly HostKeyChecking _checking;
    private byte[]? _accepted;
    private byte[]? _shown;
    private HostKeyVerdict? _refused;

    private HostKeyCheck(string host, string file, KnownHosts known, HostKeyChecking checking) =>
        (_host, _file, _known, _checking) = (host, file, known, checking);

    /// <summary>The types of the host's keys that are known.</summary>
    public IReadOnlyList<string> KnownTypes => [.. _known.Types];

    /// <summary>Whether a key was shown that nobody has decided about.</summary>
    public bool IsUnknown => _refused?.Status == HostKeyStatus.Unknown;

    /// <summary>Reads the known hosts for a URI.</summary>
    /// <exception cref="VirtException">The URI says something impossible, or a file cannot be read.</exception>
    public static HostKeyCheck For(ConnectionUri uri, string host, int port)
    {
        string? named = SshUri.FilePath(uri, "known_hosts");
        string[] files = named is null ? [KnownHostsFiles.OfUser, KnownHostsFiles.OfMachine] : [named];
        try
        {
            KnownHosts known = KnownHosts.Read(files, host, port);
            return new(host, files[0], known, SshUri.Checking(uri) ?? HostKeyChecking.Normal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new VirtConnectionException(
                VirtErrorCode.SystemError, $"the known hosts cannot be read: {e.Message}", uri.ToString(),
                "Check the file and its rights, or name another one with the URI's parameter known_hosts.", e);
        }
    }

    /// <summary>Looks at a key; what is not said to be trusted is not.</summary>
    public void Look(HostKeyEventArgs shown)
    {
        // Whatever happens on the way, silence is a no.
        shown.CanTrust = false;
        _shown = shown.HostKey;
        HostKeyVerdict verdict = _known.Judge(shown.HostKey);
        shown.CanTrust = verdict.Status == HostKeyStatus.Known || _checking == HostKeyChecking.Ignore
            || (verdict.Status == HostKeyStatus.Unknown && (IsAccepted(shown.HostKey) || AcceptsNew()));
        _refused = shown.CanTrust ? null : verdict;
    }

    /// <summary>Asks the user about an unknown key, and remembers the one that is accepted.</summary>
    /// <exception cref="VirtException">Nobody has accepted it.</exception>
    public async Task AskAsync(Answers answers)
    {
        byte[] key = _shown!;
        if (!answers.MayAsk)
            throw Unknown().ToException(null);
        string question =
            $"The authenticity of host '{_known.Name}' can't be established.\n{Describe(key)}.\n"
            + "Are you sure you want to continue connecting (yes/no)?";
        string answer = await answers.AskAsync(CredentialKind.Confirmation, question).ConfigureAwait(false);
        if (!answer.Equals("yes", StringComparison.OrdinalIgnoreCase) && answer != Fingerprint(key))
            throw SshProblem.Unanswered(CredentialKind.Confirmation, question, 1).ToException(null);
        Accept(key);
    }

    /// <summary>Why the key was refused; null when it was not.</summary>
    public SshProblem? Problem => _refused switch
    {
        null => null,
        { Status: HostKeyStatus.Revoked, Line: { } line } => new(
            VirtErrorCode.AuthenticationFailed,
            $"the key of {_host} has been revoked: line {line.Number} of {line.File}",
            "Do not connect: ask the host's administrator. Whoever has the revoked key can pretend to be this host."),
        { Status: HostKeyStatus.Changed, Line: { } line } => Changed(line),
        _ => Unknown(),
    };

    private SshProblem Changed(KnownHostsLine line) => SshProblem.KeyChanged(
        _host, $" (line {line.Number} of {line.File})", $" (it shows {ShortType(_shown!)} {Fingerprint(_shown!)})",
        $"ssh-keygen -f {line.File} -R {_known.Name}");

    private SshProblem Unknown() => SshProblem.KeyUnknown(_host, $"Compare it with the host's own: {Describe(_shown!)}. Connect once where you can be asked");

    private bool AcceptsNew()
    {
        if (_checking != HostKeyChecking.AcceptNew)
            return false;
        Accept(_shown!);
        return true;
    }

    private bool IsAccepted(byte[] key) => _accepted is not null && _accepted.AsSpan().SequenceEqual(key);

    private void Accept(byte[] key)
    {
        _accepted = key;
        try
        {
            KnownHostsFiles.Add(_file, _known.Name, key);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It counts for this connection, and the next one asks again, as with OpenSSH's client.
        }
    }

    private static string Describe(byte[] key) => $"{ShortType(key)} key fingerprint is {Fingerprint(key)}";

    private static string Fingerprint(byte[] key) => $"SHA256:{Convert.ToBase64String(SHA256.HashData(key)).TrimEnd('=')}";

    private static string ShortType(byte[] key) => KnownHostsLine.TypeOf(key) switch
    {
        "ssh-ed25519" => "ED25519",
        "ssh-rsa" => "RSA",
        { } type when type.StartsWith("ecdsa-", StringComparison.Ordinal) => "ECDSA",
        var type => type ?? "unknown",
    };
}
