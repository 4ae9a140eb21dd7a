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

    private readonly string _folder;
    private readonly ILogger _logger;

    /// <summary>Reads what is kept in a folder.</summary>
    public SecretStore(string folder, ILogger logger)
    {
        _folder = folder;
        _logger = logger;
        Directory.CreateDirectory(folder, Owner);
        foreach (string rubbish in Directory.EnumerateFiles(folder, "*" + DurableFile.TemporaryExtension))
            File.Delete(rubbish);
        foreach (string path in Directory.EnumerateFiles(folder, "*" + DefinitionExtension))
            TryLoad(path);
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

    private void TryLoad(string path)
    {
        try
        {
            SecretDefinition definition = SecretDefinition.Parse(File.ReadAllText(path));
            if (PathOf(definition.Uuid, DefinitionExtension) != path)
                throw new VirtException(VirtErrorCode.XmlError, $"it defines {definition.Uuid}");
            string value = PathOf(definition.Uuid, ValueExtension);
            Load(definition, File.Exists(value) ? Convert.FromBase64String(File.ReadAllText(value)) : null);
        }
        catch (Exception unusable) when (unusable is VirtException or FormatException)
        {
            SecretLog.SetAside(_logger, path, unusable.Message, DurableFile.SetAside(path));
        }
        catch (Exception unreadable) when (unreadable is IOException or UnauthorizedAccessException)
        {
            SecretLog.Unreadable(_logger, path, unreadable.Message);
        }
    }
}
