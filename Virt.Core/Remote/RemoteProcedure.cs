namespace Virt.Remote;

/// <summary>The procedure numbers of <see cref="RemoteProgram.Number"/>. A number never changes its meaning.</summary>
public static class RemoteProcedure
{
#pragma warning disable CS1591 // each is documented by the contract method that carries it
    public const int ListAuthentication = 1;
    public const int StartAuthentication = 2;
    public const int StepAuthentication = 3;
    public const int Open = 4;
    public const int Close = 5;

    public const int GetHost = 10;
    public const int GetHostCapabilities = 11;
    public const int GetDomainCapabilities = 12;

    public const int ListDomains = 20;
    public const int GetDomainByName = 21;
    public const int GetDomainByUuid = 22;
    public const int GetDomainById = 23;
    public const int GetDomainXml = 24;
    public const int GetDomainStatistics = 25;
    public const int SubscribeDomainEvents = 26;
    public const int ListDomainDevices = 27;
    public const int GetLaunchCommand = 28;

    public const int DefineDomain = 40;
    public const int UndefineDomain = 41;
    public const int ChangeDomain = 42;
    public const int RenameDomain = 43;
    public const int AttachDevice = 44;
    public const int DetachDevice = 45;
    public const int UpdateDevice = 46;
    public const int ResizeDisk = 47;

    public const int CreateDomain = 60;
    public const int StartDomain = 61;
    public const int ShutdownDomain = 62;
    public const int DestroyDomain = 63;
    public const int RebootDomain = 64;
    public const int ResetDomain = 65;
    public const int SuspendDomain = 66;
    public const int ResumeDomain = 67;
    public const int SaveDomain = 68;
    public const int RemoveSavedDomain = 69;

    public const int OpenConsole = 90;

    public const int ListNetworks = 200;
    public const int ListStoragePools = 300;
    public const int GetImage = 320;
    public const int CreateImage = 321;
    public const int DeleteImage = 322;
    public const int CreateCloudInitSeed = 323;
    public const int ListInterfaces = 400;
    public const int ListNodeDevices = 500;
    public const int ListSecrets = 600;
    public const int DefineSecret = 601;
    public const int UndefineSecret = 602;
    public const int GetSecretXml = 603;
    public const int SetSecretValue = 604;
    public const int GetSecretValue = 605;
    public const int ListNetworkFilters = 700;
#pragma warning restore CS1591
}
