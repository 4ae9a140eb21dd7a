using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Virt.Daemon.Hosting;
using Virt.Daemon.Native;
using Virt.Errors;
using Virt.Remote.Authentication;

namespace Virt.Daemon.Rpc.Authentication;

/// <summary>
/// The file of users that may connect over a network: one line each with iterations, salt, stored key, server key and name,
/// separated by tabs, binary data in base64. It is read for each exchange, so a change counts at once, and replaced as a whole.
/// Only its owner may read it. The line <c>secret</c> is behind the salts of users that do not exist.
/// </summary>
internal sealed class ScramUsers(string path)
{
    private const char Separator = '\t';
    private const string SecretField = "secret";
    private const int SecretSize = 32;
    private const int MaximumFile = 16 * 1024 * 1024;

    private readonly Lazy<byte[]> _spareSecret = new(() => RandomNumberGenerator.GetBytes(SecretSize));

    /// <summary>The file.</summary>
    public string FilePath => path;

    /// <summary>The names of all users, sorted.</summary>
    public async ValueTask<IReadOnlyList<string>> ListAsync(CancellationToken cancel) =>
        [.. (await ReadAsync(cancel).ConfigureAwait(false)).Users.Keys.Order(StringComparer.Ordinal)];

    /// <summary>Finds a user; one that does not exist comes back as a user whose password nobody has.</summary>
    public async ValueTask<(ScramUser User, bool Exists)> FindAsync(string name, CancellationToken cancel)
    {
        Content content = await ReadAsync(cancel).ConfigureAwait(false);
        ScramUser absent = ScramUser.Absent(name, content.Secret ?? _spareSecret.Value);
        return content.Users.TryGetValue(name, out ScramUser? user) ? (user, true) : (absent, false);
    }

    /// <summary>Adds a user, or gives an existing one a new password.</summary>
    public async ValueTask AddAsync(string name, string password, CancellationToken cancel)
    {
        ScramUser user = ScramUser.Create(name, password);
        await ChangeAsync(
            users =>
            {
                users[user.Name] = user;
                return true;
            },
            cancel).ConfigureAwait(false);
    }

    /// <summary>Removes a user; false when there is none of that name.</summary>
    public ValueTask<bool> RemoveAsync(string name, CancellationToken cancel) =>
        ChangeAsync(users => users.Remove(SaslPrep.Prepare(name, "user name")), cancel);

    private async ValueTask<bool> ChangeAsync(Func<Dictionary<string, ScramUser>, bool> change, CancellationToken cancel)
    {
        try
        {
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            using var held = await Remote.Transports.FileLock.TakeAsync(path + ".lock", cancel).ConfigureAwait(false);
            Content content = await ReadAsync(cancel).ConfigureAwait(false);
            if (!change(content.Users))
                return false;
            Write(content);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fault($"the file of users {path} cannot be changed: {e.Message}", "Run the command as the user virtd runs as.");
        }
    }

    private async ValueTask<Content> ReadAsync(CancellationToken cancel)
    {
        string[] lines;
        try
        {
            // A FIFO in its place must not hold up who wants in.
            lines = Encoding.UTF8.GetString(await Task.Run(() => HostFile.Read(Path.GetFullPath(path), MaximumFile), cancel).ConfigureAwait(false)).Split('\n', StringSplitOptions.TrimEntries);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            lines = [];
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw Fault($"the file of users {path} cannot be read: {e.Message}", "Check its owner and mode.");
        }

        Content content = new(null, new Dictionary<string, ScramUser>(StringComparer.Ordinal));
        for (int i = 0; i < lines.Length; i++)
        {
            string line = lines[i];
            if (line.Length == 0 || line[0] == '#')
                continue;
            try
            {
                content = Parse(content, line.Split(Separator));
            }
            catch (FormatException e)
            {
                throw Fault($"line {i + 1} of the file of users {path} cannot be read: {e.Message}", "Remove the line and add the user again.");
            }
        }

        return content;
    }

    private static Content Parse(Content content, string[] fields)
    {
        if (fields is [SecretField, var secret])
            return content with { Secret = Convert.FromBase64String(secret) };
        if (fields is not [var iterations, var salt, var storedKey, var serverKey, var name])
            throw new FormatException("a line has five fields");
        if (!int.TryParse(iterations, NumberStyles.None, CultureInfo.InvariantCulture, out int rounds)
            || rounds is < ScramKeys.MinimumIterations or > ScramKeys.MaximumIterations)
            throw new FormatException($"'{iterations}' is not a number of iterations that clients take");
        ScramUser user = new(
            name, rounds,
            Convert.FromBase64String(salt), Convert.FromBase64String(storedKey), Convert.FromBase64String(serverKey));
        if (user.StoredKey.Length != ScramKeys.Size || user.ServerKey.Length != ScramKeys.Size || user.Salt.Length == 0)
            throw new FormatException("a key has the wrong length");
        content.Users[user.Name] = user;
        return content;
    }

    private void Write(Content content)
    {
        StringBuilder text = new("# Users of virtd; change it with `virtd user`.\n");
        Append(text, SecretField, Convert.ToBase64String(content.Secret ?? _spareSecret.Value));
        foreach (ScramUser user in content.Users.Values.OrderBy(user => user.Name, StringComparer.Ordinal))
        {
            Append(
                text, user.Iterations.ToString(CultureInfo.InvariantCulture), Convert.ToBase64String(user.Salt),
                Convert.ToBase64String(user.StoredKey), Convert.ToBase64String(user.ServerKey), user.Name);
        }

        DurableFile.Write(Path.GetFullPath(path), Encoding.UTF8.GetBytes(text.ToString()));
    }

    private static void Append(StringBuilder text, params ReadOnlySpan<string> fields) =>
        text.AppendJoin(Separator, fields!).Append('\n');

    private static VirtException Fault(string message, string action) => new(
        VirtErrorCode.ConfigurationError, message, recommendedAction: action);

    private sealed record Content(byte[]? Secret, Dictionary<string, ScramUser> Users);
}
