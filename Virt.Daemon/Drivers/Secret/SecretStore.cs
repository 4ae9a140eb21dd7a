using System.Text;
using Microsoft.Extensions.Logging;
using Virt.Daemon.Hosting;
using Virt.Errors;
using Virt.Secrets;

namespace Virt.Daemon.Drivers.Secret;

/// <summary>
/// The secrets of this daemon: <c>UUID.xml</c> with the definition and <c>UUID.base64</c> with the value, which only the daemon's
/// user may read. Ephemeral secrets are in memory alone.
/// </summary>
internal sealed class SecretStore : SecretCatalog
{
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private const string DefinitionExtension = ".xml";
    private const string ValueExtension = ".base64";
    private const int MaximumFile = 16 * 1024 * 1024;

    private readonly string _folder;

    /// <summary>Reads what is kept in a folder.</summary>
    public SecretStore(string folder, ILogger logger)
    {
        _folder = folder;
        StoredFiles.MakeFolder(folder, Owner, logger);
        var definitions = new StoredFiles(folder, DefinitionExtension, MaximumFile, logger);
        var values = new StoredFiles(folder, ValueExtension, MaximumFile, logger);
        definitions.RemoveUnfinished();
        foreach (string path in definitions.List())
        {
            if (definitions.TryRead(path, bytes => Parse(path, bytes), out _) is { } definition)
                Load(definition, values.TryRead(PathOf(definition.Uuid, ValueExtension), bytes => Convert.FromBase64String(Encoding.ASCII.GetString(bytes)), out _));
        }
    }

    /// <inheritdoc/>
    protected override void Keep(Secret secret, Secret? old)
    {
        if (secret.Definition.Ephemeral)
        {
            if (old is { Definition.Ephemeral: false })
                Forget(old);
            return;
        }

        if (secret.Value is { } value)
            DurableFile.Write(PathOf(secret.Definition.Uuid, ValueExtension), Encoding.ASCII.GetBytes(Convert.ToBase64String(value)));
        if (old?.Definition != secret.Definition)
            DurableFile.Write(PathOf(secret.Definition.Uuid, DefinitionExtension), Encoding.UTF8.GetBytes(secret.Definition.ToXml()));
    }

    /// <inheritdoc/>
    protected override void Forget(Secret secret)
    {
        DurableFile.Delete(PathOf(secret.Definition.Uuid, DefinitionExtension));
        DurableFile.Delete(PathOf(secret.Definition.Uuid, ValueExtension));
    }

    private string PathOf(Guid uuid, string extension) => Path.Combine(_folder, uuid.ToString("D") + extension);

    private SecretDefinition Parse(string path, byte[] bytes)
    {
        SecretDefinition definition = SecretDefinition.Parse(Encoding.UTF8.GetString(bytes));
        return PathOf(definition.Uuid, DefinitionExtension) == path
            ? definition
            : throw new VirtException(VirtErrorCode.XmlError, $"it defines {definition.Uuid}");
    }
}
